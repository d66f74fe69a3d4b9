/**
 * Amounts as Stripe has them, in minor units: 1099 is €10.99, or ¥1099.
 *
 * Which currencies have how many decimals is Stripe's list, which differs from the browser's.
 * See https://docs.stripe.com/currencies#zero-decimal
 */

const ZERO_DECIMALS = 'bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' ');
const THREE_DECIMALS = ['bhd', 'jod', 'kwd', 'omr', 'tnd'];

function formattedAmount(amount, currency) {
  const decimals = ZERO_DECIMALS.includes(currency) ? 0 : THREE_DECIMALS.includes(currency) ? 3 : 2;
  const digits = String(amount).padStart(decimals + 1, '0');
  const point = digits.length - decimals;
  const decimal = decimals ? `${digits.slice(0, point)}.${digits.slice(point)}` : digits;
  const format = new Intl.NumberFormat(undefined, {
    style: 'currency',
    currency,
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  return format.format(decimal);
}
