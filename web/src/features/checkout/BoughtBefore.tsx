import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';

import type { Payment } from '@/api/client';
import { Alert } from '@/components/Alert';
import { formatTime } from '@/lib/dates';
import { formatAmount } from '@/lib/money';
import { Link } from '@/lib/routing';

interface BoughtBeforeProps {
  payment: Payment;
  onBuyAgain: () => void;
}

/** The same order is paid already, perhaps in another tab: buying it again is a decision. */
export function BoughtBefore({ payment, onBuyAgain }: BoughtBeforeProps) {
  const amount = formatAmount(payment.amount, payment.currency);
  return (
    <Alert kind="info" title={t`You have already bought this`}>
      <p>
        <Trans>
          You paid {amount} for this order on {formatTime(payment.created_at)}. You will not be
          charged again unless you buy it again.
        </Trans>
      </p>
      <div className="actions">
        <Link
          className="button button-primary"
          to={`/payments/${payment.payment_id}/receipt?before`}
        >
          <Trans>See your receipt</Trans>
        </Link>
        <button type="button" className="button button-secondary" onClick={onBuyAgain}>
          <Trans>Buy it again</Trans>
        </button>
      </div>
    </Alert>
  );
}
