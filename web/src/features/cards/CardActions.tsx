import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';

import type { PaymentMethod } from '@/api/client';
import { Link } from '@/lib/routing';

import { cardLabel } from './brands';
import { isExpired } from './expiry';

interface CardActionsProps {
  card: PaymentMethod;
  onMakeDefault: () => void;
  onEdit: () => void;
  onRemove: () => void;
}

/** What can be done with a saved card. */
export function CardActions({ card, onMakeDefault, onEdit, onRemove }: CardActionsProps) {
  const label = cardLabel(card);
  const button = (text: string, onClick: () => void) => (
    <button
      type="button"
      className="button button-secondary button-small"
      aria-label={`${text}: ${label}`}
      onClick={onClick}
    >
      {text}
    </button>
  );
  return (
    <div className="actions">
      {isExpired(card) ? (
        <Link
          className="button button-primary button-small"
          to={`/cards/new?replaces=${card.payment_method_id}`}
          aria-label={t`Replace: ${label}`}
        >
          <Trans>Replace</Trans>
        </Link>
      ) : (
        !card.default && button(t`Make default`, onMakeDefault)
      )}
      {button(t`Edit`, onEdit)}
      {button(t`Remove`, onRemove)}
    </div>
  );
}
