import type { Product } from '@/api/client';

import type { CartLine } from './cart';

/** A line of the cart as the shop sells it now. */
export interface PricedLine {
  readonly line: CartLine;
  /** Null: it is not sold any more, or not in the cart's currency. */
  readonly product: Product | null;
  readonly unitAmount: number | null;
  /** What the person saw before, if it is another amount. */
  readonly before: number | null;
}

export interface PricedCart {
  /** The currency of every line; null if the products have none in common. */
  readonly currency: string | null;
  /** Those that every product is sold in. */
  readonly currencies: readonly string[];
  readonly lines: readonly PricedLine[];
  /** Null if it cannot be paid as it is. */
  readonly total: number | null;
}

/** The cart at today's prices; `products` has null for what is not sold any more. */
export function priceCart(
  lines: readonly CartLine[],
  products: ReadonlyMap<string, Product | null>,
  preferred: string | null,
): PricedCart {
  const sold = lines.flatMap((line) => products.get(line.productId) ?? []);
  const currencies = commonCurrencies(sold);
  const currency =
    preferred !== null && currencies.includes(preferred) ? preferred : (currencies[0] ?? null);
  const priced = lines.map((line): PricedLine => {
    const product = products.get(line.productId) ?? null;
    const unitAmount = currency === null ? null : (product?.prices[currency] ?? null);
    const seen = currency === null ? null : (line.seen[currency] ?? null);
    const before = seen !== null && unitAmount !== null && seen !== unitAmount ? seen : null;
    return { line, product, unitAmount, before };
  });
  const isPayable = priced.length > 0 && priced.every(({ unitAmount }) => unitAmount !== null);
  const total = priced.reduce(
    (sum, { line, unitAmount }) => sum + line.quantity * (unitAmount ?? 0),
    0,
  );
  return { currency, currencies, lines: priced, total: isPayable ? total : null };
}

function commonCurrencies(products: readonly Product[]): string[] {
  const [first, ...others] = products;
  return Object.keys(first?.prices ?? {})
    .filter((currency) => others.every(({ prices }) => prices[currency] !== undefined))
    .sort();
}
