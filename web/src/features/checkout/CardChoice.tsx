import type { PaymentMethod } from '@/api/client';
import { BrandMark, CardName, formatExpiry, isExpired } from '@/features/cards';

/** A saved card as a radio button. */
export function CardChoice({
  card,
  chosen,
  onChoose,
}: {
  card: PaymentMethod;
  chosen: boolean;
  onChoose: () => void;
}) {
  const expired = isExpired(card);
  return (
    <label className={chosen ? 'choice choice-chosen' : 'choice'}>
      <input
        type="radio"
        name="card"
        value={card.payment_method_id}
        checked={chosen}
        disabled={expired}
        onChange={onChoose}
      />
      <BrandMark brand={card.brand} />
      <span className="choice-text">
        <span>
          <CardName card={card} />
        </span>
        <span className="muted small">
          {expired ? 'Expired in ' : 'Expires '}
          {formatExpiry(card)}
        </span>
      </span>
      {card.default && <span className="badge badge-success">Default</span>}
      {expired && <span className="badge badge-danger">Expired</span>}
    </label>
  );
}
