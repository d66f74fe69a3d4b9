/**
 * Amounts are integers in the currency's minor unit, as Stripe defines it: 1099 is €10.99, or ¥1099.
 *
 * Intl takes a currency's number of decimals from ISO 4217. The table lists where Stripe differs.
 * See https://docs.stripe.com/currencies#special-cases
 */
const STRIPE_DECIMALS: Readonly<Record<string, number>> = { isk: 2, mga: 0, ugx: 2 };

export function formatAmount(amount: number, currency: string, locale?: string): string {
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: currency.toUpperCase(),
  });
  const decimals =
    STRIPE_DECIMALS[currency.toLowerCase()] ?? format.resolvedOptions().maximumFractionDigits ?? 0;
  return format.format(amount / 10 ** decimals);
}

/** A currency's name in the user's language, such as "Japanese Yen". */
export function currencyName(currency: string, locale?: string): string {
  const names = new Intl.DisplayNames(locale, { type: 'currency' });
  return names.of(currency.toUpperCase()) ?? currency.toUpperCase();
}
