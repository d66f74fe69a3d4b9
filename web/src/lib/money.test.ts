import { describe, expect, it } from 'vitest';

import { formatAmount } from './money';

/** Intl uses no-break spaces. */
const plain = (text: string) => text.replace(/\s/g, ' ');

describe('formatAmount', () => {
  it.each([
    [1099, 'eur', 'en-IE', '€10.99'],
    [1099, 'eur', 'de-DE', '10,99 €'],
    [1099, 'EUR', 'en-IE', '€10.99'],
    [5, 'usd', 'en-US', '$0.05'],
    [0, 'usd', 'en-US', '$0.00'],
    [99999999, 'usd', 'en-US', '$999,999.99'],
  ])('shows %i %s in %s as %s', (amount, currency, locale, text) => {
    expect(plain(formatAmount(amount, currency, locale))).toBe(text);
  });

  it('shows no decimals for yen and won, which have no minor unit', () => {
    expect(plain(formatAmount(1099, 'jpy', 'en-US'))).toBe('¥1,099');
    expect(plain(formatAmount(1099, 'krw', 'en-US'))).toBe('₩1,099');
  });

  it('shows three decimals for currencies that have them', () => {
    expect(plain(formatAmount(3690, 'kwd', 'en-US'))).toBe('KWD 3.690');
    expect(plain(formatAmount(1000, 'tnd', 'en-US'))).toBe('TND 1.000');
  });

  it('follows Stripe where Stripe and ISO 4217 differ', () => {
    expect(plain(formatAmount(50000, 'isk', 'en-US'))).toBe('ISK 500');
    expect(plain(formatAmount(500000, 'ugx', 'en-US'))).toBe('UGX 5,000');
    expect(plain(formatAmount(5000, 'mga', 'en-US'))).toMatch(/^MGA 5,000/);
  });
});
