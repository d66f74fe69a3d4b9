import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';

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
  const expiry = formatExpiry(card);
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
          {expired ? t`Expired in ${expiry}` : t`Expires ${expiry}`}
        </span>
      </span>
      {card.default && (
        <span className="badge badge-success">
          <Trans>Default</Trans>
        </span>
      )}
      {expired && (
        <span className="badge badge-danger">
          <Trans>Expired</Trans>
        </span>
      )}
    </label>
  );
}
