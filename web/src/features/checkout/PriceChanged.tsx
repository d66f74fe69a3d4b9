import type { Payment } from '@/api/client';
import { Alert } from '@/components/Alert';
import { formatAmount } from '@/lib/money';

import type { Price } from './pay';

interface PriceChangedProps {
  shown: Price;
  payment: Payment;
  onAccept: (price: Price) => void;
  onRefuse: () => void;
}

/** Nobody pays another price than the one they saw without being asked. */
export function PriceChanged({ shown, payment, onAccept, onRefuse }: PriceChangedProps) {
  const { amount, currency } = payment;
  const price = formatAmount(amount, currency);
  return (
    <Alert title="The price has changed" cause={payment}>
      <p>
        It was {formatAmount(shown.amount, shown.currency)} when you saw it. This order costs{' '}
        <strong>{price}</strong>. Nothing has been charged.
      </p>
      <div className="actions">
        <button
          type="button"
          className="button button-secondary"
          onClick={() => onAccept({ amount, currency })}
        >
          Pay {price}
        </button>
        <button type="button" className="button button-quiet" onClick={onRefuse}>
          Do not pay
        </button>
      </div>
    </Alert>
  );
}
