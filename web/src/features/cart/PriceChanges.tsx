import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';

import { Alert } from '@/components/Alert';
import { formatAmount } from '@/lib/money';

import type { PricedCart } from './prices';

/** What has changed since the person saw it last. */
export function PriceChanges({ priced: { lines, currency } }: { priced: PricedCart }) {
  const changed = lines.filter(({ before, unitAmount }) => before !== null || unitAmount === null);
  if (changed.length === 0) return null;
  return (
    <Alert kind="info" title={t`Something in your cart has changed`}>
      <ul>
        {changed.map(({ line: { productId, name }, before, unitAmount }) => (
          <li key={productId}>
            {before === null || unitAmount === null || currency === null ? (
              <Trans>
                {name} is not for sale any more, or not together with the rest. Remove it.
              </Trans>
            ) : (
              <Trans>
                {name} cost {formatAmount(before, currency)}, and costs{' '}
                {formatAmount(unitAmount, currency)} now.
              </Trans>
            )}
          </li>
        ))}
      </ul>
    </Alert>
  );
}
