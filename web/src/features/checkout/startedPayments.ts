/** What somebody buys; with which card they pay may change on the way. */
export interface Order {
  readonly productId: string;
  readonly quantity: number;
  readonly currency: string;
}

/**
 * A payment that was started for an order in this tab.
 *
 * It outlives reloads, so that pressing Pay again continues the same payment. The card is the one
 * that the payment was started with: the same request has to go with the same key. Another card is
 * for the confirmation to name, or a payment whose answer was lost could be made twice.
 */
export interface StartedPayment {
  /** The Idempotency-Key. */
  readonly key: string;
  readonly paymentMethodId: string;
  /** Null until the API has answered. */
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

  /** The payment started for this order before, or a new one with a key of its own. */
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

  /** It was paid or cannot be: the next order like it gets a payment of its own. */
  forgetPayment(paymentId: string): void {
    for (const key of this.#keys()) {
      if (parse(this.#storage.getItem(key) ?? '')?.paymentId === paymentId) {
        this.#storage.removeItem(key);
      }
    }
  }

  /** What one person left half-way is not for the next one. */
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

// randomUUID exists on secure origins only; a laptop's address in the local network is none.
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
