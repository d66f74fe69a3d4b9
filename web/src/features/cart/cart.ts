import type { Product } from '@/api/client';
import { MAX_LINES, MAX_QUANTITY } from '@/lib/purchaseLimits';

/** A product in the cart, with what the person saw of it last. */
export interface CartLine {
  readonly productId: string;
  readonly name: string;
  readonly quantity: number;
  /** The prices that the person has seen, by currency. */
  readonly seen: Readonly<Record<string, number>>;
}

const KEY = 'till.cart';
const EMPTY: readonly CartLine[] = [];

/** What somebody wants to buy together. It is kept in this browser until it is paid or they log out. */
export class Cart {
  readonly #storage: Storage;
  readonly #listeners = new Set<() => void>();
  #stored: string | null = null;
  #lines: readonly CartLine[] = EMPTY;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** The same array until it changes, in this tab or another. */
  lines = (): readonly CartLine[] => {
    const stored = this.#storage.getItem(KEY);
    if (stored !== this.#stored) {
      this.#stored = stored;
      this.#lines = parse(stored);
    }
    return this.#lines;
  };

  subscribe = (listener: () => void): (() => void) => {
    const follow = ({ key }: StorageEvent) => {
      if (key === null || key === KEY) listener();
    };
    this.#listeners.add(listener);
    addEventListener('storage', follow);
    return () => {
      this.#listeners.delete(listener);
      removeEventListener('storage', follow);
    };
  };

  /** One more of it; false if the cart is full. */
  add(product: Product): boolean {
    const { product_id: productId, name, prices: seen } = product;
    const known = this.lines().find((line) => line.productId === productId);
    if (known ? known.quantity >= MAX_QUANTITY : this.lines().length >= MAX_LINES) return false;
    const line = { productId, name, quantity: (known?.quantity ?? 0) + 1, seen };
    this.#store(
      known ? this.lines().map((each) => (each === known ? line : each)) : [...this.lines(), line],
    );
    return true;
  }

  setQuantity(productId: string, quantity: number): void {
    this.#store(
      this.lines().map((line) => (line.productId === productId ? { ...line, quantity } : line)),
    );
  }

  /** The person has been told what these products cost now. */
  recordSeen(products: readonly Product[]): void {
    const prices = new Map(products.map((product) => [product.product_id, product.prices]));
    this.#store(
      this.lines().map((line) => ({ ...line, seen: prices.get(line.productId) ?? line.seen })),
    );
  }

  remove(productIds: readonly string[]): void {
    this.#store(this.lines().filter(({ productId }) => !productIds.includes(productId)));
  }

  clear(): void {
    this.#store(EMPTY);
  }

  #store(lines: readonly CartLine[]): void {
    if (lines.length === 0) this.#storage.removeItem(KEY);
    else this.#storage.setItem(KEY, JSON.stringify(lines));
    for (const listener of this.#listeners) listener();
  }
}

function parse(stored: string | null): readonly CartLine[] {
  try {
    const lines: unknown = JSON.parse(stored ?? '[]');
    return Array.isArray(lines) ? lines.filter(isLine) : EMPTY;
  } catch {
    return EMPTY;
  }
}

function isLine(line: unknown): line is CartLine {
  if (typeof line !== 'object' || line === null) return false;
  const { productId, name, quantity, seen } = line as Record<string, unknown>;
  return (
    typeof productId === 'string' &&
    typeof name === 'string' &&
    typeof seen === 'object' &&
    seen !== null &&
    Number.isInteger(quantity) &&
    Number(quantity) >= 1 &&
    Number(quantity) <= MAX_QUANTITY
  );
}
