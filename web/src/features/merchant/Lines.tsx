import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useId } from 'react';

import { formatAmount } from '@/lib/money';

import type { Order } from './types';

type Priced = Pick<
  Order,
  'currency' | 'lines' | 'tax_amount' | 'shipping_amount' | 'discount_amount' | 'total'
>;

/** What is paid for, and how the total comes about. */
export function Lines({ of: priced }: { of: Priced }) {
  const titleId = useId();
  const money = (amount: number) => formatAmount(amount, priced.currency);
  const others = [
    [t`Tax`, priced.tax_amount],
    [t`Delivery`, priced.shipping_amount],
    [t`Discount`, -priced.discount_amount],
  ] as const;
  return (
    <section className="panel" aria-labelledby={titleId}>
      <h2 id={titleId}>
        <Trans>What is paid for</Trans>
      </h2>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">
              <Trans>Description</Trans>
            </th>
            <th scope="col" className="number">
              <Trans>Quantity</Trans>
            </th>
            <th scope="col" className="number">
              <Trans>Amount</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {priced.lines.map((line, index) => (
            // Lines never change, and two of them may be the same.
            <tr key={index}>
              <td>
                {line.description}
                {line.quantity > 1 && (
                  <span className="muted small">
                    {' '}
                    <Trans>at {money(line.unit_amount)}</Trans>
                  </span>
                )}
              </td>
              <td className="number">{line.quantity}</td>
              <td className="number">{money(line.amount)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          {others
            .filter(([, amount]) => amount !== 0)
            .map(([name, amount]) => (
              <tr key={name}>
                <th scope="row" colSpan={2}>
                  {name}
                </th>
                <td className="number">{money(amount)}</td>
              </tr>
            ))}
          <tr className="table-total">
            <th scope="row" colSpan={2}>
              <Trans>Total</Trans>
            </th>
            <td className="number">{money(priced.total)}</td>
          </tr>
        </tfoot>
      </table>
    </section>
  );
}
