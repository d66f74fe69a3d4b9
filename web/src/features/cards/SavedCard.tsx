import type { PaymentMethod } from '@/api/client';

import { BrandMark } from './BrandMark';
import { brandName } from './brands';
import { formatExpiry, isExpired } from './expiry';

/** A saved card, drawn like a real one. */
export function SavedCard({ card }: { card: PaymentMethod }) {
  const expired = isExpired(card);
  return (
    <div className={expired ? 'card card-expired' : 'card'}>
      <div className="card-row">
        <span className="card-brand">
          {brandName(card.brand)}{' '}
          {card.default && <span className="badge badge-success">Default</span>}
        </span>
        <BrandMark brand={card.brand} />
      </div>
      <p className="card-number">
        <span aria-hidden="true">•••• •••• •••• </span>
        <span className="visually-hidden">ending in </span>
        {card.last4}
      </p>
      <div className="card-row card-foot">
        <span className="card-name">{card.cardholder_name ?? ''}</span>
        <span>
          {expired && <span className="badge badge-danger">Expired</span>}{' '}
          <span className="visually-hidden">{expired ? 'in ' : 'expires '}</span>
          {formatExpiry(card)}
        </span>
      </div>
    </div>
  );
}
