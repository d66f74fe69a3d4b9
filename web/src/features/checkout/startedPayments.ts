import { randomKey } from '@/lib/randomKey';

/** What the customer is buying. The card is not part of it, because it may change. */
export interface Order {
  readonly productId: string;
  readonly quantity: number;
  readonly currency: string;
}

/**
 * A payment that was started for an order in this tab.
 *
 * It survives reloads, so that pressing Pay again continues the same payment. The card is the one
 * that the payment was started with, because the same key needs the same request. If the customer
 * chooses another card, the confirmation names it: a new key could create a second payment if the
 * first response was lost.
 */
export interface StartedPayment {
  /** The Idempotency-Key. */
  readonly key: string;
  readonly paymentMethodId: string;
  /** Null until the API has responded. */
  readonly paymentId: string | null;
}

const PREFIX = 'till.attempt.';

export class StartedPayments {
  readonly #storage: Storage;
  readonly #newKey: () => string;

  constructor(storage: Storage, newKey: () => string = randomKey) {
    this.#storage = storage;
    this.#newKey = newKey;
  }

  find(order: Order): StartedPayment | null {
    const stored = this.#storage.getItem(name(order));
    return stored === null ? null : parse(stored);
  }

  /** The payment already started for this order, or a new one with its own key. */
  findOrStart(order: Order, paymentMethodId: string): StartedPayment {
    const known = this.find(order);
    if (known) return known;
    const started: StartedPayment = { key: this.#newKey(), paymentMethodId, paymentId: null };
    this.#storage.setItem(name(order), JSON.stringify(started));
    return started;
  }

  recordPaymentId(order: Order, paymentId: string): void {
    const started = this.find(order);
    if (started) this.#storage.setItem(name(order), JSON.stringify({ ...started, paymentId }));
  }

  forget(order: Order): void {
    this.#storage.removeItem(name(order));
  }

  /** Forget a payment that is over: the next order for the same gets a new one. */
  forgetPayment(paymentId: string): void {
    for (const key of this.#keys()) {
      if (parse(this.#storage.getItem(key) ?? '')?.paymentId === paymentId) {
        this.#storage.removeItem(key);
      }
    }
  }

  /** Forget everything: the next user must not continue this user's payments. */
  clear(): void {
    for (const key of this.#keys()) this.#storage.removeItem(key);
  }

  #keys(): string[] {
    return Array.from({ length: this.#storage.length }, (_, index) => this.#storage.key(index))
      .filter((key) => key !== null)
      .filter((key) => key.startsWith(PREFIX));
  }
}

function name({ productId, quantity, currency }: Order): string {
  return `${PREFIX}${JSON.stringify([productId, quantity, currency])}`;
}

function parse(stored: string): StartedPayment | null {
  try {
    return JSON.parse(stored) as StartedPayment;
  } catch {
    return null;
  }
}
