import { randomKey } from '@/lib/randomKey';

import type { RefundReason } from './types';

/** What is asked for. It is sent again, unchanged, under the same key until it is answered. */
export interface RefundRequest {
  readonly amount: number;
  readonly reason: RefundReason | null;
  readonly note: string | null;
}

interface Kept {
  readonly key: string;
  readonly request: RefundRequest;
}

const PREFIX = 'till.refund.';

/**
 * The refunds that this tab has asked for, and not been answered.
 *
 * A key is written down before it is sent, and survives a reload: pressing again after a lost
 * answer asks for the same refund. Once it is answered, the same amount is another refund.
 */
export class RefundRequests {
  readonly #storage: Storage;
  readonly #newKey: () => string;

  constructor(storage: Storage, newKey: () => string = randomKey) {
    this.#storage = storage;
    this.#newKey = newKey;
  }

  /** The request for this payment that has had no answer yet. */
  unanswered(paymentId: string): RefundRequest | null {
    return this.#kept(paymentId)?.request ?? null;
  }

  /** The key to send this request under: a new one, unless it is the one without an answer. */
  keyFor(paymentId: string, request: RefundRequest): string {
    const kept = this.#kept(paymentId);
    if (kept && isSame(kept.request, request)) return kept.key;
    const key = this.#newKey();
    this.#storage.setItem(PREFIX + paymentId, JSON.stringify({ key, request }));
    return key;
  }

  answered(paymentId: string): void {
    this.#storage.removeItem(PREFIX + paymentId);
  }

  #kept(paymentId: string): Kept | null {
    try {
      return JSON.parse(this.#storage.getItem(PREFIX + paymentId) ?? 'null') as Kept | null;
    } catch {
      return null;
    }
  }
}

function isSame(a: RefundRequest, b: RefundRequest): boolean {
  return a.amount === b.amount && a.reason === b.reason && a.note === b.note;
}
