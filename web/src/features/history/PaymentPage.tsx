import { Link, useParams } from 'react-router';

import type { Payment } from '@/api/client';
import { usePayment } from '@/api/getPayment';
import { Alert } from '@/components/Alert';
import { explainProblem } from '@/components/explainProblem';
import { LoadError } from '@/components/LoadError';
import { Loading } from '@/components/Loading';
import { PageHeading } from '@/components/PageHeading';

import { PaymentDetails } from './PaymentDetails';
import { canBeResumed } from './status';
import { Timeline } from './Timeline';

export function PaymentPage() {
  const { paymentId = '' } = useParams();
  const payment = usePayment(paymentId);
  return (
    <div className="narrow">
      <PageHeading title="Payment" />
      {payment.isPending && <Loading what="the payment" />}
      {payment.isError && <LoadError error={payment.error} onRetry={payment.refetch} />}
      {payment.data && (
        <>
          <Unfinished payment={payment.data} />
          <PaymentDetails payment={payment.data} />
          <Timeline payment={payment.data} />
        </>
      )}
      <p>
        <Link to="/payments">All your purchases</Link>
      </p>
    </div>
  );
}

function Unfinished({ payment }: { payment: Payment }) {
  const { status, last_payment_error: error } = payment;
  if (status === 'canceled') {
    return (
      <Alert kind="info" title="This payment was cancelled">
        <p>
          Nothing has been charged. <Link to={`/checkout/${payment.product_id}`}>Buy it again</Link>
        </p>
      </Alert>
    );
  }
  if (!canBeResumed(payment)) return null;
  const refusal =
    status === 'requires_payment_method' && error
      ? explainProblem(
          error.code.includes('authentication')
            ? { code: 'authentication_failed' }
            : { code: 'card_declined', decline_code: error.decline_code ?? error.code },
        )
      : null;
  return (
    <Alert kind="info" title={refusal?.title ?? 'This payment is not finished'}>
      <p>{refusal?.advice ?? 'Nothing has been charged. You can go on where you left it.'}</p>
      <div className="actions">
        <Link className="button button-primary" to={`/payments/${payment.payment_id}/pay`}>
          {refusal ? 'Try again' : 'Go on paying'}
        </Link>
      </div>
    </Alert>
  );
}
