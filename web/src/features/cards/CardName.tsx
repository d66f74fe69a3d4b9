import { Trans } from '@lingui/react/macro';

import type { PaymentMethod } from '@/api/client';

import { brandName } from './brands';

/** A card's brand and last four digits. */
export function CardName({ card }: { card: Pick<PaymentMethod, 'brand' | 'last4'> }) {
  return (
    <>
      {brandName(card.brand)}{' '}
      <span className="nowrap">
        <span aria-hidden="true">•••• </span>
        <span className="visually-hidden">
          <Trans>ending in</Trans>{' '}
        </span>
        {card.last4}
      </span>
    </>
  );
}
