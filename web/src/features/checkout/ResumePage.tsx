import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useState } from 'react';

import type { Payment } from '@/api/client';
import { usePayment } from '@/api/getPayment';
import { LoadError } from '@/components/LoadError';
import { Loading } from '@/components/Loading';
import { PageHeading } from '@/components/PageHeading';
import { canBeResumed, PaymentLines } from '@/features/history';
import { formatAmount } from '@/lib/money';
import { Navigate, useParams, useSearchParams } from '@/lib/routing';

import { type Price, resumePayment } from './pay';
import { PaymentForm } from './PaymentForm';

/** Continue an unfinished payment. */
export function ResumePage() {
  const { paymentId = '' } = useParams();
  const payment = usePayment(paymentId);
  // The form depends on the payment's status, and a cached one may be out of date.
  const isLoading = !payment.isFetchedAfterMount && !payment.isError;
  return (
    <>
      <PageHeading title={t`Complete your payment`} />
      {isLoading && <Loading what={t`your payment`} />}
      {payment.isError && <LoadError error={payment.error} onRetry={payment.refetch} />}
      {payment.data && !isLoading && <Resumed payment={payment.data} />}
    </>
  );
}

function Resumed({ payment: found }: { payment: Payment }) {
  // Keep the first version: the payment changes while it is being paid, but the form must stay.
  const [payment] = useState(found);
  const [search, setSearch] = useSearchParams();
  const [shown, setShown] = useState<Price>({ amount: payment.amount, currency: payment.currency });
  if (!canBeResumed(payment)) return <Navigate to={`/payments/${payment.payment_id}`} replace />;

  return (
    <div className="checkout">
      <section className="panel order" aria-label={t`Your order`}>
        <PaymentLines payment={payment} />
        <p className="order-line order-total" aria-live="polite">
          <span>
            <Trans>Total</Trans>
          </span>
          <strong>{formatAmount(shown.amount, shown.currency)}</strong>
        </p>
      </section>
      <PaymentForm
        amount={formatAmount(shown.amount, shown.currency)}
        shown={shown}
        lock={`till.payment.${payment.payment_id}`}
        startedWith={payment.payment_method_id}
        chosen={search.get('card') ?? payment.payment_method_id}
        onChoose={(card) => setSearch({ card }, { replace: true })}
        challengedPaymentMethodId={
          payment.status === 'requires_action' ? payment.payment_method_id : null
        }
        pay={(choice, tools) => resumePayment(payment.payment_id, choice, tools)}
        onAcceptPrice={setShown}
        onRefusePrice={() => undefined}
      />
    </div>
  );
}
