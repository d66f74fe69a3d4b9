import { randomKey } from '@/lib/randomKey';

/** What the customer is buying. The card is not part of it, because it may change. */
export interface Order {
  /** Each product once. */
  readonly items: readonly OrderItem[];
  readonly currency: string;
}

export interface OrderItem {
  readonly productId: string;
  readonly quantity: number;
  /** The price that the customer saw, which is no part of the order's name: the API compares it. */
  readonly unitAmount?: number;
}

/**
 * A payment that a person started for an order in this browser, in whichever tab.
 *
 * It survives reloads and restarts, so that pressing Pay again continues the same payment. A paid
 * one is remembered for a day: another tab that still shows the same order learns that it is paid,
 * and buying the same again is asked about. The card is the one
 * that the payment was started with, because the same key needs the same request. If the customer
 * chooses another card, the confirmation names it: a new key could create a second payment if the
 * first response was lost.
 */
export interface StartedPayment {
  /** The Idempotency-Key. */
  readonly key: string;
  readonly paymentMethodId: string;
  /** The prices that it was started with, in the order of the items: the same key needs the same request. */
  readonly unitAmounts?: readonly (number | undefined)[];
  /** Null until the API has responded. */
  readonly paymentId: string | null;
  /** When it was seen to be paid, in milliseconds; absent before. */
  readonly paidAt?: number;
}

const PREFIX = 'till.attempt.';
const PAID_IS_REMEMBERED_MS = 24 * 60 * 60 * 1000;

export class StartedPayments {
  readonly #storage: Storage;
  readonly #person: () => string | null;
  readonly #newKey: () => string;

  /** The storage is shared by all tabs. `person` is whose payments these are now. */
  constructor(storage: Storage, person: () => string | null, newKey: () => string = randomKey) {
    this.#storage = storage;
    this.#person = person;
    this.#newKey = newKey;
  }

  /** What an order's payment is stored as. It is the name of its lock, too. */
  nameOf({ items, currency }: Order): string {
    const named = items.map(({ productId, quantity }) => [productId, quantity]);
    const what = named.length === 1 ? named.flat() : [named];
    return `${PREFIX}${JSON.stringify([this.#person(), ...what, currency])}`;
  }

  find(order: Order): StartedPayment | null {
    const found = parse(this.#storage.getItem(this.nameOf(order)));
    const isOld = Date.now() - (found?.paidAt ?? Infinity) > PAID_IS_REMEMBERED_MS;
    return isOld ? null : found;
  }

  /** Call this when another tab has changed this order's payment. */
  followOtherTabs(order: Order, listener: () => void): () => void {
    const follow = ({ key }: StorageEvent) => {
      if (key === null || key === this.nameOf(order)) listener();
    };
    addEventListener('storage', follow);
    return () => removeEventListener('storage', follow);
  }

  /** The payment already started for this order, or a new one with its own key. */
  findOrStart(order: Order, paymentMethodId: string): StartedPayment {
    const known = this.find(order);
    if (known) return known;
    const unitAmounts = order.items.map(({ unitAmount }) => unitAmount);
    const started: StartedPayment = {
      key: this.#newKey(),
      paymentMethodId,
      paymentId: null,
      ...(unitAmounts.some((each) => each !== undefined) && { unitAmounts }),
    };
    this.#store(this.nameOf(order), started);
    return started;
  }

  recordPaymentId(order: Order, paymentId: string): void {
    const started = this.find(order);
    if (started) this.#store(this.nameOf(order), { ...started, paymentId });
  }

  forget(order: Order): void {
    this.#storage.removeItem(this.nameOf(order));
  }

  /** Remember that a payment went through: its order is not paid again by mistake. */
  recordPaid(paymentId: string): void {
    for (const [key, started] of this.#startedWith(paymentId)) {
      this.#store(key, { ...started, paidAt: started.paidAt ?? Date.now() });
    }
  }

  /** Forget a payment that ended unpaid: the next order for the same gets a new one. */
  forgetPayment(paymentId: string): void {
    for (const [key] of this.#startedWith(paymentId)) this.#storage.removeItem(key);
  }

  /** Forget everything: the next user must not continue this user's payments. */
  clear(): void {
    for (const key of this.#keys()) this.#storage.removeItem(key);
  }

  #store(key: string, started: StartedPayment): void {
    this.#storage.setItem(key, JSON.stringify(started));
  }

  #startedWith(paymentId: string): [string, StartedPayment][] {
    return this.#keys().flatMap((key) => {
      const started = parse(this.#storage.getItem(key));
      return started?.paymentId === paymentId ? [[key, started]] : [];
    });
  }

  #keys(): string[] {
    return Array.from({ length: this.#storage.length }, (_, index) => this.#storage.key(index))
      .filter((key) => key !== null)
      .filter((key) => key.startsWith(PREFIX));
  }
}

function parse(stored: string | null): StartedPayment | null {
  try {
    return JSON.parse(stored ?? 'null') as StartedPayment | null;
  } catch {
    return null;
  }
}
