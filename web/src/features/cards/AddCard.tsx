import { t } from '@lingui/core/macro';
import { Elements } from '@stripe/react-stripe-js';

import { Loading } from '@/components/Loading';
import { StripeLoadError } from '@/components/StripeLoadError';
import { useStripeJs } from '@/components/useStripeJs';

import { AddCardForm, type AddCardProps } from './AddCardForm';

/** The form for a new card. Its Elements are its own: a page may have another security code. */
export function AddCard(props: AddCardProps) {
  const stripe = useStripeJs();
  if (stripe.isError) return <StripeLoadError onRetry={stripe.refetch} />;
  if (!stripe.data) return <Loading what={t`the card form`} blocks={2} />;
  return (
    <Elements stripe={stripe.data}>
      <AddCardForm {...props} />
    </Elements>
  );
}
