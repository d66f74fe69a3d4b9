import { Trans } from '@lingui/react/macro';
import { useId } from 'react';

import { formatTime } from '@/lib/dates';
import { formatAmount } from '@/lib/money';

import { Badge } from './Badge';
import { needsResponse } from './overview';
import { disputeStatusText, inWords } from './staffStatus';
import type { Dispute } from './types';

/** A payment's disputes and inquiries, and until when to answer them. */
export function DisputeList({ disputes }: { disputes: readonly Dispute[] }) {
  const titleId = useId();
  if (disputes.length === 0) return null;
  return (
    <section className="panel" aria-labelledby={titleId}>
      <h2 id={titleId}>
        <Trans>Disputes</Trans>
      </h2>
      <ul className="facts">
        {disputes.map((dispute) => (
          <li key={dispute.dispute_id}>
            {dispute.amount !== null && dispute.currency !== null && (
              <strong>{formatAmount(dispute.amount, dispute.currency)} </strong>
            )}
            <Badge status={disputeStatusText(dispute.status)} />
            {dispute.reason !== null && <p>{inWords(dispute.reason)}</p>}
            {dispute.evidence_due_by !== null && needsResponse(dispute) && (
              <p>
                <Trans>
                  Answer it in Stripe’s dashboard before{' '}
                  <time dateTime={dispute.evidence_due_by}>
                    {formatTime(dispute.evidence_due_by)}
                  </time>
                  .
                </Trans>
              </p>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
