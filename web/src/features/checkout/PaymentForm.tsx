import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Elements } from '@stripe/react-stripe-js';
import { Suspense, useLayoutEffect, useRef, useState } from 'react';

import { usePaymentMethods } from '@/api/listPaymentMethods';
import { Alert } from '@/components/Alert';
import { LoadError } from '@/components/LoadError';
import { Loading } from '@/components/Loading';
import { StripeLoadError } from '@/components/StripeLoadError';
import { useStripeJs } from '@/components/useStripeJs';
import { AddCard } from '@/features/cards';

import { CardAndCvc, type CardAndCvcProps } from './CardAndCvc';

type PaymentFormProps = Omit<CardAndCvcProps, 'cards' | 'onAddCard' | 'focusOnCard'> & {
  /** The card that the payment was started with. */
  startedWith: string | null;
};

/** The payment form, shown once Stripe.js and the saved cards have loaded. */
export function PaymentForm({ startedWith, ...props }: PaymentFormProps) {
  const stripe = useStripeJs();
  const cards = usePaymentMethods();
  const [adding, setAdding] = useState<'no' | 'yes' | 'done'>('no');
  if (cards.isError && !cards.data) {
    return <LoadError error={cards.error} onRetry={cards.refetch} />;
  }
  if (stripe.isError) return <StripeLoadError onRetry={stripe.refetch} />;
  if (!cards.data || !stripe.data) return <Loading what={t`your cards`} />;
  if (adding === 'yes') {
    return (
      <NewCard
        onSaved={(paymentMethodId) => {
          props.onChoose(paymentMethodId);
          setAdding('done');
        }}
        onCancel={() => setAdding('done')}
      />
    );
  }
  const saved = cards.data.pages.flatMap(({ data }) => data);
  const isGone =
    startedWith !== null &&
    !cards.hasNextPage &&
    !saved.some((card) => card.payment_method_id === startedWith);
  return (
    <>
      {isGone && (
        <Alert kind="info" title={t`The card of this payment is no longer saved`}>
          <p>
            <Trans>Choose another card, or add one. You have not been charged.</Trans>
          </p>
        </Alert>
      )}
      <Elements stripe={stripe.data}>
        <CardAndCvc
          {...props}
          cards={cards}
          onAddCard={() => setAdding('yes')}
          focusOnCard={adding === 'done'}
        />
      </Elements>
    </>
  );
}

function NewCard({
  onSaved,
  onCancel,
}: {
  onSaved: (paymentMethodId: string) => void;
  onCancel: () => void;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus(), []);
  return (
    <section className="form" aria-labelledby="new-card">
      <h2 id="new-card" ref={heading} tabIndex={-1}>
        <Trans>Add a card</Trans>
      </h2>
      <Suspense fallback={<Loading what={t`the card form`} blocks={2} />}>
        <AddCard
          onSaved={({ payment_method_id: paymentMethodId }) => onSaved(paymentMethodId)}
          onCancel={onCancel}
        />
      </Suspense>
    </section>
  );
}
