import type { Product } from '@/api/client';

// The currency to prefer in each region. Elsewhere it is the product's first currency.
const CURRENCIES_BY_REGION: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    'AD AT BE BG CY DE EE ES FI FR GR HR IE IT LT LU LV MC ME MT NL PT SI SK SM VA XK'
      .split(' ')
      .map((region) => [region, 'eur']),
  ),
  AE: 'aed',
  AU: 'aud',
  BH: 'bhd',
  BR: 'brl',
  CA: 'cad',
  CH: 'chf',
  CN: 'cny',
  CZ: 'czk',
  DK: 'dkk',
  GB: 'gbp',
  HK: 'hkd',
  HU: 'huf',
  ID: 'idr',
  IN: 'inr',
  IS: 'isk',
  JO: 'jod',
  JP: 'jpy',
  KR: 'krw',
  KW: 'kwd',
  MX: 'mxn',
  NO: 'nok',
  NZ: 'nzd',
  OM: 'omr',
  PL: 'pln',
  SE: 'sek',
  SG: 'sgd',
  TN: 'tnd',
  TW: 'twd',
  UG: 'ugx',
  US: 'usd',
  ZA: 'zar',
};

/** The currency of the region in the user's language setting; null if unknown. */
export function currencyOfLocale(locale: string): string | null {
  try {
    const { region } = new Intl.Locale(locale).maximize();
    return CURRENCIES_BY_REGION[region ?? ''] ?? null;
  } catch {
    return null;
  }
}

/** Every currency that at least one product is sold in, in alphabetical order. */
export function offeredCurrencies(products: readonly Product[]): string[] {
  return [...new Set(products.flatMap(({ prices }) => Object.keys(prices)))].sort();
}

/** A product's price in the preferred currency, or else in its first currency. */
export function priceOf(
  product: Product,
  preferred: string | null,
): { amount: number; currency: string } | null {
  const amount = preferred === null ? undefined : product.prices[preferred];
  if (preferred !== null && amount !== undefined) return { amount, currency: preferred };
  const [first] = Object.entries(product.prices);
  return first === undefined ? null : { currency: first[0], amount: first[1] };
}
