import { useId } from 'react';

import type { Declines } from './overview';
import { inWords } from './staffStatus';

const MOST_SHOWN = 8;

/** How many payments stand declined, and why. */
export function DeclinesPanel({ declines: { asked, declined, reasons } }: { declines: Declines }) {
  const titleId = useId();
  const share = new Intl.NumberFormat(undefined, {
    style: 'percent',
    maximumFractionDigits: 1,
  }).format(asked === 0 ? 0 : declined / asked);
  const most = reasons[0]?.count ?? 1;
  const others = reasons.slice(MOST_SHOWN).reduce((sum, { count }) => sum + count, 0);
  return (
    <section className="panel stack" aria-labelledby={titleId}>
      <h2 id={titleId}>Declines</h2>
      {asked === 0 ? (
        <p>No bank has been asked.</p>
      ) : (
        <>
          <p className="total">{share}</p>
          <p>
            {declined} of {asked} payments that a bank was asked about were declined and have not
            been paid since.
          </p>
        </>
      )}
      {reasons.length > 0 && (
        <ul className="bars" aria-label="Reasons">
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
              <span>Other reasons</span>
              <span className="number">{others}</span>
            </li>
          )}
        </ul>
      )}
    </section>
  );
}
