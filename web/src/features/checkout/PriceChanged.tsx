import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';

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
    <Alert title={t`The price has changed`} cause={payment}>
      <p>
        <Trans>
          You saw a price of {formatAmount(shown.amount, shown.currency)}, but this order costs{' '}
          <strong>{price}</strong>. You have not been charged.
        </Trans>
      </p>
      <div className="actions">
        <button
          type="button"
          className="button button-secondary"
          onClick={() => onAccept({ amount, currency })}
        >
          <Trans>Pay {price}</Trans>
        </button>
        <button type="button" className="button button-quiet" onClick={onRefuse}>
          <Trans>Do not pay</Trans>
        </button>
      </div>
    </Alert>
  );
}
