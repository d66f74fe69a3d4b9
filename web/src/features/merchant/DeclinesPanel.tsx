import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useId } from 'react';

import { pageLocales } from '@/lib/language';

import type { Declines } from './overview';
import { inWords } from './staffStatus';

const MOST_SHOWN = 8;

/** How many payments stand declined, and why. */
export function DeclinesPanel({ declines: { asked, declined, reasons } }: { declines: Declines }) {
  const titleId = useId();
  const share = new Intl.NumberFormat(pageLocales(), {
    style: 'percent',
    maximumFractionDigits: 1,
  }).format(asked === 0 ? 0 : declined / asked);
  const most = reasons[0]?.count ?? 1;
  const others = reasons.slice(MOST_SHOWN).reduce((sum, { count }) => sum + count, 0);
  return (
    <section className="panel stack" aria-labelledby={titleId}>
      <h2 id={titleId}>
        <Trans>Declines</Trans>
      </h2>
      {asked === 0 ? (
        <p>
          <Trans>No bank has been asked.</Trans>
        </p>
      ) : (
        <>
          <p className="total">{share}</p>
          <p>
            <Trans>
              {declined} of {asked} payments that a bank was asked about were declined and have not
              been paid since.
            </Trans>
          </p>
        </>
      )}
      {reasons.length > 0 && (
        <ul className="bars" aria-label={t`Reasons`}>
          {reasons.slice(0, MOST_SHOWN).map(({ reason, count }) => (
            <li key={reason}>
              <span>{inWords(reason)}</span>
              <span className="number">{count}</span>
              <svg aria-hidden="true" viewBox="0 0 100 1" preserveAspectRatio="none">
                <rect className="chart-bar chart-bar-bad" width={(count / most) * 100} height={1} />
              </svg>
            </li>
          ))}
          {others > 0 && (
            <li>
              <span>
                <Trans>Other reasons</Trans>
              </span>
              <span className="number">{others}</span>
            </li>
          )}
        </ul>
      )}
    </section>
  );
}
