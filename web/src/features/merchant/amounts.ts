import { t } from '@lingui/core/macro';

import { DECIMALS, WHOLE_UNITS } from '@/lib/currencies';
import { pageLocales } from '@/lib/language';
import { formatAmount } from '@/lib/money';

function decimalsOf(currency: string): number {
  return DECIMALS[currency.toLowerCase()] ?? 2;
}

/** What is typed in a field for this amount: "12.50", or "1250" where the currency has no decimals. */
export function typedAmount(amount: number, currency: string): string {
  const decimals = decimalsOf(currency);
  const written = (amount / 10 ** decimals).toFixed(decimals);
  return WHOLE_UNITS.includes(currency) ? written.replace(/\.0+$/, '') : written;
}

/**
 * The amount, in minor units, that somebody typed; null if it could mean two things.
 *
 * A comma or a point is the decimal separator. Nobody has to separate thousands, and "1,234" euros
 * are refused, because they might be 1234.
 */
export function parseAmount(text: string, currency: string): number | null {
  const decimals = decimalsOf(currency);
  const found = /^(\d{1,12})(?:[.,](\d+))?$/.exec(text.trim());
  if (found === null) return null;
  const [, units = '', fraction = ''] = found;
  if (fraction.length > decimals) return null;
  return Number(units + fraction.padEnd(decimals, '0'));
}

/** How an amount is to be typed, for a hint and an error. */
export function amountExample(currency: string): string {
  return typedAmount(1250 * 10 ** Math.max(0, decimalsOf(currency) - 2), currency);
}

/** An amount and, since one symbol stands for several currencies, the currency's name: €12.50 (12.50 euros). */
export function spellOut(
  amount: number,
  currency: string,
  locales: Intl.LocalesArgument = pageLocales(),
): string {
  const decimals = decimalsOf(currency);
  const named = new Intl.NumberFormat(locales, {
    style: 'currency',
    currency: currency.toUpperCase(),
    currencyDisplay: 'name',
    minimumFractionDigits: WHOLE_UNITS.includes(currency) ? 0 : decimals,
    maximumFractionDigits: decimals,
  }).format(amount / 10 ** decimals);
  return `${formatAmount(amount, currency, locales)} (${named})`;
}

/** An amount beside an axis, short enough for a phone: €1.5K. */
export function shortAmount(
  amount: number,
  currency: string,
  locales: Intl.LocalesArgument = pageLocales(),
): string {
  return new Intl.NumberFormat(locales, {
    style: 'currency',
    currency: currency.toUpperCase(),
    notation: 'compact',
    minimumFractionDigits: 0,
    maximumFractionDigits: amount % 10 ** decimalsOf(currency) === 0 ? 1 : decimalsOf(currency),
  }).format(amount / 10 ** decimalsOf(currency));
}

/** What is wrong with a typed amount; null if nothing is. */
export function amountError(amount: number | null, most: number, currency: string): string | null {
  if (amount === null) return t`Enter an amount such as ${amountExample(currency)}.`;
  if (amount === 0) return t`Enter more than nothing.`;
  return amount > most ? t`Enter ${formatAmount(most, currency)} at most.` : null;
}
