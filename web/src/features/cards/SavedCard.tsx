import { Trans } from '@lingui/react/macro';

import type { PaymentMethod } from '@/api/client';

import { BrandMark } from './BrandMark';
import { brandName } from './brands';
import { formatExpiry, isExpired } from './expiry';

/** A saved card, drawn like a real one. */
export function SavedCard({ card }: { card: PaymentMethod }) {
  const expired = isExpired(card);
  const expiry = formatExpiry(card);
  return (
    <div className={expired ? 'card card-expired' : 'card'}>
      <div className="card-row">
        <span className="card-brand">
          {brandName(card.brand)}{' '}
          {card.default && (
            <span className="badge badge-success">
              <Trans>Default</Trans>
            </span>
          )}
        </span>
        <BrandMark brand={card.brand} />
      </div>
      <p className="card-number">
        <span aria-hidden="true">•••• •••• •••• </span>
        <span className="visually-hidden">
          <Trans>ending in</Trans>{' '}
        </span>
        {card.last4}
      </p>
      <div className="card-row card-foot">
        <span className="card-name">{card.cardholder_name ?? ''}</span>
        <span>
          {expired && (
            <span className="badge badge-danger">
              <Trans>Expired</Trans>
            </span>
          )}{' '}
          {expired ? (
            <Trans>
              <span className="visually-hidden">in </span>
              {expiry}
            </Trans>
          ) : (
            <Trans>
              <span className="visually-hidden">expires </span>
              {expiry}
            </Trans>
          )}
        </span>
      </div>
    </div>
  );
}
