import { useQueryClient } from '@tanstack/react-query';
import { useLayoutEffect, useState } from 'react';

import { type PaymentMethod, useApi } from '@/api/client';
import { detachPaymentMethod } from '@/api/detachPaymentMethod';
import { changeShownCards, PAYMENT_METHODS_KEY } from '@/api/listPaymentMethods';
import { type Problem, problemOf } from '@/api/problem';

import { UndoableRemoval } from './UndoableRemoval';

export interface FailedRemoval {
  readonly card: PaymentMethod;
  readonly problem: Problem;
}

/** Removes cards, each after a moment in which it can be undone, or when the page is left. */
export function useRemoval(onSending: (card: PaymentMethod) => void) {
  const api = useApi();
  const queries = useQueryClient();
  const [waiting, setWaiting] = useState<PaymentMethod | null>(null);
  const [failed, setFailed] = useState<FailedRemoval | null>(null);

  const send = async (card: PaymentMethod) => {
    onSending(card);
    const detached = detachPaymentMethod(api, card.payment_method_id);
    try {
      // An answer that is on its way still has the card.
      await queries.cancelQueries({ queryKey: PAYMENT_METHODS_KEY });
      const id = card.payment_method_id;
      changeShownCards(queries, (each) => (each.payment_method_id === id ? null : each));
      await detached;
    } catch (error) {
      setFailed({ card, problem: problemOf(error) });
    }
    // The default one may have gone, or the card may still be there.
    await queries.invalidateQueries({ queryKey: PAYMENT_METHODS_KEY });
  };
  const [removal] = useState(() => new UndoableRemoval((card) => void send(card), setWaiting));

  // At once: a log-out that leaves the page takes the token away.
  useLayoutEffect(() => {
    addEventListener('pagehide', removal.sendNow);
    return () => {
      removeEventListener('pagehide', removal.sendNow);
      removal.sendNow();
    };
  }, [removal]);

  const remove = (card: PaymentMethod) => {
    setFailed(null);
    removal.start(card);
  };
  return { waiting, failed, remove, undo: removal.undo };
}
