import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';

import type { Payment } from '@/api/client';
import { usePayment } from '@/api/getPayment';
import { Alert } from '@/components/Alert';
import { adviceFor, explainProblem } from '@/components/explainProblem';
import { LoadError } from '@/components/LoadError';
import { Loading } from '@/components/Loading';
import { PageHeading } from '@/components/PageHeading';
import { Link, useParams } from '@/lib/routing';

import { CancelPurchase } from './CancelPurchase';
import { PaymentDetails } from './PaymentDetails';
import { canBeResumed, needsReview } from './status';
import { Timeline } from './Timeline';

export function PaymentPage() {
  const { paymentId = '' } = useParams();
  const payment = usePayment(paymentId);
  return (
    <div className="narrow">
      <PageHeading title={t`Payment`} />
      {payment.isPending && <Loading what={t`the payment`} />}
      {payment.isError && <LoadError error={payment.error} onRetry={payment.refetch} />}
      {payment.data && (
        <>
          <Unfinished payment={payment.data} />
          <CancelPurchase payment={payment.data} />
          <PaymentDetails payment={payment.data} />
          <Timeline payment={payment.data} />
        </>
      )}
      <p>
        <Link to="/payments">
          <Trans>All your purchases</Trans>
        </Link>
      </p>
    </div>
  );
}

const endings = (): ReadonlyMap<string, string> =>
  new Map([
    ['canceled', t`This payment was cancelled`],
    ['refused', t`The payment provider refused this payment`],
    ['expired', t`This payment could not be started`],
  ]);

/** Where to order the same again: its product's page, or the shop if there were several. */
function orderAgain({ lines }: Payment): string {
  const [line, ...others] = lines;
  return line?.product_id && others.length === 0 ? `/checkout/${line.product_id}` : '/';
}

function Unfinished({ payment }: { payment: Payment }) {
  const { status, last_payment_error: error } = payment;
  if (needsReview(payment)) {
    const { title, advice } = explainProblem({ code: 'payment_needs_review' });
    return (
      <Alert kind="info" title={title}>
        <p>{advice}</p>
      </Alert>
    );
  }
  const over = endings().get(status);
  if (over !== undefined) {
    return (
      <Alert kind="info" title={over}>
        <p>
          <Trans>
            You have not been charged. <Link to={orderAgain(payment)}>Place the order again</Link>
          </Trans>
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
    <Alert
      kind={refusal ? 'refusal' : 'info'}
      title={refusal?.title ?? t`You have an unfinished payment`}
    >
      <p>
        {refusal
          ? adviceFor(refusal, 'paying')
          : t`You have not been charged. You can continue where you left off.`}
      </p>
      <div className="actions">
        <Link className="button button-primary" to={`/payments/${payment.payment_id}/pay`}>
          {refusal ? t`Try again` : t`Continue to payment`}
        </Link>
      </div>
    </Alert>
  );
}
