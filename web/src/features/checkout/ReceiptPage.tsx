import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useEffect } from 'react';

import type { Payment } from '@/api/client';
import { usePayment } from '@/api/getPayment';
import { Alert } from '@/components/Alert';
import { LoadError } from '@/components/LoadError';
import { Loading } from '@/components/Loading';
import { PageHeading } from '@/components/PageHeading';
import { isInProgress, PaymentDetails, refundOrDisputeText } from '@/features/history';
import { Link, Navigate, useParams, useSearchParams } from '@/lib/routing';

import { useStartedPayments } from './useStartedPayments';

export function ReceiptPage() {
  const { paymentId = '' } = useParams();
  const payment = usePayment(paymentId);
  if (payment.data) return <Receipt payment={payment.data} />;
  return (
    <>
      <PageHeading title={t`Receipt`} />
      {payment.isPending && <Loading what={t`your receipt`} />}
      {payment.isError && <LoadError error={payment.error} onRetry={payment.refetch} />}
    </>
  );
}

function Receipt({ payment }: { payment: Payment }) {
  const startedPayments = useStartedPayments();
  const [search] = useSearchParams();
  const isPaid = payment.status === 'succeeded';
  useEffect(() => {
    // It may have succeeded in the background. Buying the same again is asked about.
    if (isPaid) startedPayments.recordPaid(payment.payment_id);
  }, [startedPayments, isPaid, payment.payment_id]);
  if (!isPaid && !isInProgress(payment)) {
    return <Navigate to={`/payments/${payment.payment_id}`} replace />;
  }
  return (
    <div className="narrow receipt">
      <PageHeading title={titleOf(payment)} />
      {search.has('before') && isPaid && (
        <Alert kind="info" title={t`You have already paid for this order`}>
          <p>
            <Trans>Your earlier payment went through. You have not been charged again.</Trans>
          </p>
        </Alert>
      )}
      {!isPaid && (
        <Alert kind="info" title={t`Your bank is still processing your payment`}>
          <p>
            <Trans>
              You do not have to wait here: you can check it under Purchases. Please do not pay
              again.
            </Trans>
          </p>
        </Alert>
      )}
      <PaymentDetails payment={payment} />
      <div className="actions">
        <Link className="button button-primary" to="/">
          <Trans>Back to the shop</Trans>
        </Link>
        <Link className="button button-secondary" to="/payments">
          <Trans>Your purchases</Trans>
        </Link>
      </div>
    </div>
  );
}

function titleOf(payment: Payment): string {
  if (payment.status !== 'succeeded') return t`Your payment is in progress`;
  return refundOrDisputeText(payment) ? t`Your receipt` : t`Thank you! Your payment went through.`;
}
