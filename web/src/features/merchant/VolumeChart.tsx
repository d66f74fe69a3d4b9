import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useId } from 'react';

import { currencyName, formatAmount } from '@/lib/money';

import { shortAmount } from './amounts';
import { formatDay } from './days';
import type { Volume } from './overview';
import { ticks } from './scale';

// The drawing's own units: it is stretched to the place there is.
const BAR = 10;
const GAP = 2;
const HEIGHT = 100;

/** What was paid in one currency on each day: drawn, in a sentence, and as a table. */
export function VolumeChart({ volume: { currency, total, count, days } }: { volume: Volume }) {
  const titleId = useId();
  const steps = ticks(Math.max(...days.map(({ amount }) => amount)));
  const top = steps.at(-1) ?? 1;
  const best = days.reduce((a, b) => (b.amount > a.amount ? b : a));
  const width = days.length * BAR;
  const shown = [0, Math.floor((days.length - 1) / 2), days.length - 1];
  return (
    <figure className="chart panel" aria-labelledby={titleId}>
      <figcaption id={titleId}>
        {/* Several currencies have one symbol. */}
        <span className="chart-title">{currencyName(currency)}</span>
        <span className="chart-total">{formatAmount(total, currency)}</span>
        <span className="muted small">
          {count} {count === 1 ? 'payment' : 'payments'}
        </span>
      </figcaption>
      <div className="chart-plot">
        <div className="chart-scale" aria-hidden="true">
          {steps.toReversed().map((step) => (
            <span key={step}>{shortAmount(step, currency)}</span>
          ))}
        </div>
        <svg
          role="img"
          aria-label={t`Most was paid on ${formatDay(best.day)}: ${formatAmount(best.amount, currency)}.`}
          viewBox={`0 0 ${width} ${HEIGHT}`}
          preserveAspectRatio="none"
        >
          {steps.map((step) => (
            <line
              key={step}
              className="chart-line"
              x1={0}
              x2={width}
              y1={HEIGHT - (step / top) * HEIGHT}
              y2={HEIGHT - (step / top) * HEIGHT}
            />
          ))}
          {days.map(({ day, amount, count: paid }, index) => (
            <rect
              key={day}
              className="chart-bar"
              x={index * BAR + GAP / 2}
              width={BAR - GAP}
              y={HEIGHT - (amount / top) * HEIGHT}
              height={(amount / top) * HEIGHT}
            >
              <title>{t`${formatDay(day)}: ${formatAmount(amount, currency)}, ${paid} paid`}</title>
            </rect>
          ))}
        </svg>
        <div className="chart-days" aria-hidden="true">
          {[...new Set(shown)].map((index) => (
            <span key={index}>{formatDay(days[index]?.day ?? '')}</span>
          ))}
        </div>
      </div>
      <details>
        <summary>
          <Trans>Day by day</Trans>
        </summary>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">
                <Trans>Day</Trans>
              </th>
              <th scope="col" className="number">
                <Trans>Payments</Trans>
              </th>
              <th scope="col" className="number">
                <Trans>Paid</Trans>
              </th>
            </tr>
          </thead>
          <tbody>
            {days.toReversed().map(({ day, amount, count: paid }) => (
              <tr key={day}>
                <th scope="row">{formatDay(day)}</th>
                <td className="number">{paid}</td>
                <td className="number">{formatAmount(amount, currency)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}
