import { Trans } from '@lingui/react/macro';
import { useLayoutEffect, useId, useRef } from 'react';

import type { PaymentMethod } from '@/api/client';

import { cardLabel } from './brands';
import { UNDO_SECONDS } from './UndoableRemoval';

/** In the place of a card that is about to be removed. It takes the focus, which says so. */
export function CardBeingRemoved({ card, onUndo }: { card: PaymentMethod; onUndo: () => void }) {
  const undo = useRef<HTMLButtonElement>(null);
  const textId = useId();
  useLayoutEffect(() => undo.current?.focus(), []);
  return (
    <div className="card-removal">
      <p id={textId}>
        <Trans>
          {cardLabel(card)} is removed in {UNDO_SECONDS} seconds, or when you leave this page.
        </Trans>
      </p>
      <button
        ref={undo}
        type="button"
        className="button button-secondary"
        aria-describedby={textId}
        onClick={onUndo}
      >
        <Trans>Undo</Trans>
      </button>
    </div>
  );
}
