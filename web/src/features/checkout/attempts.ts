/** What somebody buys; with which card they pay may change on the way. */
export interface Order {
  readonly productId: string;
  readonly quantity: number;
  readonly currency: string;
}

/**
 * One attempt to buy.
 *
 * It outlives reloads, so that pressing Pay again continues the same payment. The card is the one
 * that the payment was begun with: the same request has to go with the same key. Another card is
 * for the confirmation to name, or a payment whose answer was lost could be made twice.
 */
export interface Attempt {
  readonly key: string;
  readonly paymentMethodId: string;
  readonly paymentId: string | null;
}

const PREFIX = 'till.attempt.';

export class Attempts {
  readonly #storage: Storage;
  readonly #newKey: () => string;

  constructor(storage: Storage, newKey: () => string = randomKey) {
    this.#storage = storage;
    this.#newKey = newKey;
  }

  find(order: Order): Attempt | null {
    const stored = this.#storage.getItem(name(order));
    return stored === null ? null : parse(stored);
  }

  /** The attempt under way for this order, or a new one. */
  begin(order: Order, paymentMethodId: string): Attempt {
    const known = this.find(order);
    if (known) return known;
    const attempt: Attempt = { key: this.#newKey(), paymentMethodId, paymentId: null };
    this.#storage.setItem(name(order), JSON.stringify(attempt));
    return attempt;
  }

  /** Remember which payment an attempt has led to. */
  record(order: Order, paymentId: string): void {
    const attempt = this.find(order);
    if (attempt) this.#storage.setItem(name(order), JSON.stringify({ ...attempt, paymentId }));
  }

  forget(order: Order): void {
    this.#storage.removeItem(name(order));
  }

  /** End the attempt that led to this payment: it was paid or cannot be. */
  settle(paymentId: string): void {
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

function parse(stored: string): Attempt | null {
  try {
    return JSON.parse(stored) as Attempt;
  } catch {
    return null;
  }
}

// randomUUID exists on secure origins only; a laptop's address in the local network is none.
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
