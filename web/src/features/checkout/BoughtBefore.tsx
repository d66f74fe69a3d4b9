import { Link } from 'react-router';

import type { Payment } from '@/api/client';
import { Alert } from '@/components/Alert';
import { formatTime } from '@/lib/dates';
import { formatAmount } from '@/lib/money';

interface BoughtBeforeProps {
  payment: Payment;
  onBuyAgain: () => void;
}

/** The same order is paid already, perhaps in another tab: buying it again is a decision. */
export function BoughtBefore({ payment, onBuyAgain }: BoughtBeforeProps) {
  const amount = formatAmount(payment.amount, payment.currency);
  return (
    <Alert kind="info" title="You have already bought this">
      <p>
        You paid {amount} for this order on {formatTime(payment.created_at)}. You will not be
        charged again unless you buy it again.
      </p>
      <div className="actions">
        <Link
          className="button button-primary"
          to={`/payments/${payment.payment_id}/receipt?before`}
        >
          See your receipt
        </Link>
        <button type="button" className="button button-secondary" onClick={onBuyAgain}>
          Buy it again
        </button>
      </div>
    </Alert>
  );
}
