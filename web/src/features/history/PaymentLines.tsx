import { t } from '@lingui/core/macro';

import type { Payment } from '@/api/client';
import { formatAmount } from '@/lib/money';

/** What a payment pays for, line by line. */
export function PaymentLines({ payment }: { payment: Payment }) {
  return (
    <ul className="payment-lines">
      {payment.lines.map((line, index) => (
        <li key={index} className="order-line">
          <span>
            {line.description}
            {line.quantity > 1 && ` × ${line.quantity}`}
          </span>
          <span>{formatAmount(line.amount, payment.currency)}</span>
        </li>
      ))}
    </ul>
  );
}

/** The same in a few words: the first line, and how many more there are. */
export function linesInShort({ lines }: Payment): string {
  const [first, ...others] = lines;
  const name = first?.description ?? '';
  return others.length > 0 ? t`${name} and ${others.length} more` : name;
}
