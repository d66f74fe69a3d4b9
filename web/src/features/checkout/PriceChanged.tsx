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

/** Asks the customer before charging a price other than the one they saw. */
export function PriceChanged({ shown, payment, onAccept, onRefuse }: PriceChangedProps) {
  const { amount, currency } = payment;
  const price = formatAmount(amount, currency);
  return (
    <Alert title="The price has changed" cause={payment}>
      <p>
        You saw a price of {formatAmount(shown.amount, shown.currency)}, but this order costs{' '}
        <strong>{price}</strong>. You have not been charged.
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
