import { Elements } from '@stripe/react-stripe-js';

import { usePaymentMethods } from '@/api/listPaymentMethods';
import { LoadError } from '@/components/LoadError';
import { Loading } from '@/components/Loading';
import { StripeLoadError } from '@/components/StripeLoadError';
import { useStripeJs } from '@/components/useStripeJs';

import { CardAndCvc, type CardAndCvcProps } from './CardAndCvc';

/** The payment form, shown once Stripe.js and the saved cards have loaded. */
export function PaymentForm(props: Omit<CardAndCvcProps, 'cards'>) {
  const stripe = useStripeJs();
  const cards = usePaymentMethods();
  if (cards.isError && !cards.data) {
    return <LoadError error={cards.error} onRetry={cards.refetch} />;
  }
  if (stripe.isError) return <StripeLoadError onRetry={stripe.refetch} />;
  if (!cards.data || !stripe.data) return <Loading what="your cards" />;
  return (
    <Elements stripe={stripe.data}>
      <CardAndCvc {...props} cards={cards} />
    </Elements>
  );
}
