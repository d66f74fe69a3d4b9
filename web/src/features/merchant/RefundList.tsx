import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useId } from 'react';

import { ShowMore } from '@/components/ShowMore';
import { formatTime } from '@/lib/dates';
import { formatAmount } from '@/lib/money';

import { Badge } from './Badge';
import { itemsOf, useRefunds } from './queries';
import { StaffLoadError } from './StaffProblem';
import { actorText } from './staffHistory';
import { inWords, refundStatusText } from './staffStatus';

/** A payment's refunds, also those that were made in Stripe's dashboard. */
export function RefundList({ paymentId, ownUserId }: { paymentId: string; ownUserId: string }) {
  const titleId = useId();
  const refunds = useRefunds(paymentId);
  const made = itemsOf(refunds.data) ?? [];
  if (refunds.isError) return <StaffLoadError error={refunds.error} onRetry={refunds.refetch} />;
  if (made.length === 0) return null;
  return (
    <section className="panel" aria-labelledby={titleId}>
      <h2 id={titleId}>
        <Trans>Refunds</Trans>
      </h2>
      <ul className="facts">
        {made.map((refund) => (
          <li key={refund.refund_id}>
            <strong>{formatAmount(refund.amount, refund.currency)}</strong>{' '}
            <Badge status={refundStatusText(refund.status)} />
            {refund.reason !== null && <p>{inWords(refund.reason)}</p>}
            {refund.note !== null && <p>“{refund.note}”</p>}
            {refund.failure_reason !== null && <p>{inWords(refund.failure_reason)}</p>}
            <p className="muted small">
              <time dateTime={refund.created_at}>{formatTime(refund.created_at)}</time>
              {' · '}
              {refund.actor === null ? (
                <Trans>made at Stripe</Trans>
              ) : (
                <Trans>by {actorText({ actor: refund.actor, by: '' }, ownUserId)}</Trans>
              )}
            </p>
          </li>
        ))}
      </ul>
      <ShowMore query={refunds} what={t`refunds`} />
    </section>
  );
}
