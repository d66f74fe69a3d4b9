import { Trans } from '@lingui/react/macro';
import { useId } from 'react';

import { formatTime } from '@/lib/dates';

import { staffHistory } from './staffHistory';
import type { PaymentDetails } from './types';

/** What happened to a payment, oldest first, and who asked for it. */
export function StaffTimeline({
  payment,
  ownUserId,
}: {
  payment: PaymentDetails;
  ownUserId: string;
}) {
  const titleId = useId();
  const lines = staffHistory(payment, ownUserId);
  if (lines.length === 0) return null;
  return (
    <section className="panel" aria-labelledby={titleId}>
      <h2 id={titleId}>
        <Trans>What happened</Trans>
      </h2>
      <ol className="timeline">
        {lines.map(({ at, text, actor, kind }, index) => (
          // Lines are only ever added at the end, and several may have the same time.
          <li key={index} className={`history-line history-line-${kind}`}>
            <p>{text}</p>
            <p className="muted small">
              <time dateTime={at}>{formatTime(at)}</time>
              {actor !== '' && (
                <>
                  {' · '}
                  <Trans>by {actor}</Trans>
                </>
              )}
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}
