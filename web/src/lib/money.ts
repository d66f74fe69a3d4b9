import { DECIMALS, WHOLE_UNITS } from './currencies';
import { pageLocales } from './language';

/**
 * An amount as people write it. It is an integer in the currency's minor unit, as Stripe counts it:
 * 1099 is €10.99, or ¥1099.
 *
 * Intl only knows how many decimals people write, and Stripe may count others: its 50000 is 500 HUF,
 * where Intl writes none.
 * See https://docs.stripe.com/currencies
 */
export function formatAmount(
  amount: number,
  currency: string,
  locales: Intl.LocalesArgument = pageLocales(),
): string {
  const code = currency.toLowerCase();
  const decimals = DECIMALS[code] ?? 2;
  const format = new Intl.NumberFormat(locales, {
    style: 'currency',
    currency: code.toUpperCase(),
    minimumFractionDigits: WHOLE_UNITS.includes(code) ? 0 : decimals,
    maximumFractionDigits: decimals,
  });
  return format.format(amount / 10 ** decimals);
}

/** A currency's name in the page's language, such as "Japanese Yen". */
export function currencyName(
  currency: string,
  locales: Intl.LocalesArgument = pageLocales(),
): string {
  const names = new Intl.DisplayNames(locales, { type: 'currency' });
  return names.of(currency.toUpperCase()) ?? currency.toUpperCase();
}
