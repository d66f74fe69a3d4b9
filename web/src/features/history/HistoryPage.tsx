import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';

import type { Payment } from '@/api/client';
import { usePayments } from '@/api/listPayments';
import { LoadError } from '@/components/LoadError';
import { Loading } from '@/components/Loading';
import { PageHeading } from '@/components/PageHeading';
import { ShowMore } from '@/components/ShowMore';
import { formatTime } from '@/lib/dates';
import { formatAmount } from '@/lib/money';
import { Link } from '@/lib/routing';

import { linesInShort } from './PaymentLines';
import { canBeResumed } from './status';
import { StatusBadge } from './StatusBadge';

export function HistoryPage() {
  const payments = usePayments();
  const all = payments.data?.pages.flatMap(({ data }) => data);
  return (
    <>
      <PageHeading title={t`Your purchases`} />
      {payments.isPending && <Loading what={t`your purchases`} />}
      {payments.isError && <LoadError error={payments.error} onRetry={payments.refetch} />}
      {all?.length === 0 && (
        <div className="empty">
          <p>
            <Trans>You have not bought anything yet.</Trans>
          </p>
          <Link className="button button-primary" to="/">
            <Trans>Back to the shop</Trans>
          </Link>
        </div>
      )}
      {all && all.length > 0 && (
        <ul className="history">
          {all.map((payment) => (
            <HistoryRow key={payment.payment_id} payment={payment} />
          ))}
        </ul>
      )}
      <ShowMore query={payments} what={t`purchases`} />
    </>
  );
}

function HistoryRow({ payment }: { payment: Payment }) {
  return (
    <li className="history-row panel">
      <div className="history-what">
        <Link to={`/payments/${payment.payment_id}`}>{linesInShort(payment)}</Link>
        <span className="muted small">
          <time dateTime={payment.created_at}>{formatTime(payment.created_at)}</time>
        </span>
      </div>
      <div className="history-amount">
        {formatAmount(payment.amount, payment.currency)}
        {payment.amount_refunded > 0 && (
          <span className="muted small">
            <Trans>{formatAmount(payment.amount_refunded, payment.currency)} refunded</Trans>
          </span>
        )}
      </div>
      <StatusBadge payment={payment} />
      {canBeResumed(payment) && (
        <Link className="button button-secondary" to={`/payments/${payment.payment_id}/pay`}>
          <Trans>
            Continue<span className="visually-hidden"> to payment</span>
          </Trans>
        </Link>
      )}
    </li>
  );
}
