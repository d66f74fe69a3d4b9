import { Trans } from '@lingui/react/macro';
import { useId } from 'react';

import type { PaymentWithHistory } from '@/api/client';
import { formatTime } from '@/lib/dates';

import { historyLines } from './historyLines';

/** What happened to a payment, oldest first. */
export function Timeline({ payment }: { payment: PaymentWithHistory }) {
  const titleId = useId();
  const lines = historyLines(payment);
  if (lines.length === 0) return null;
  return (
    <section className="panel" aria-labelledby={titleId}>
      <h2 id={titleId}>
        <Trans>What happened</Trans>
      </h2>
      <ol className="timeline">
        {lines.map(({ at, text, kind }, index) => (
          // Lines are only ever added at the end, and several may have the same time.
          <li key={index} className={`history-line history-line-${kind}`}>
            <p>{text}</p>
            <time className="muted small" dateTime={at}>
              {formatTime(at)}
            </time>
          </li>
        ))}
      </ol>
    </section>
  );
}
