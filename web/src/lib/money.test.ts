import { describe, expect, it } from 'vitest';

import currencies from '../../../docs/currencies.json';
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

  it('shows both decimals of forint and New Taiwan dollars, in which fractions are charged', () => {
    expect(plain(formatAmount(17501, 'huf', 'en-US'))).toBe('HUF 175.01');
    expect(plain(formatAmount(50000, 'twd', 'en-US'))).toBe('NT$500.00');
  });

  it('shows twelve digits of rupiah', () => {
    expect(plain(formatAmount(999_999_999_999, 'idr', 'en-US'))).toBe('IDR 9,999,999,999.99');
  });

  it('hides no fraction, though none is charged', () => {
    expect(plain(formatAmount(150, 'isk', 'en-US'))).toMatch(/^ISK 1\.50?$/);
  });

  it('takes a currency that is new to it for one with two decimals, as most are', () => {
    expect(plain(formatAmount(1099, 'zzz', 'en-US'))).toBe('ZZZ 10.99');
  });

  it.each(Object.entries(currencies))('shows what Stripe charges in %s', (code, rule) => {
    const largest = rule.maximum - (rule.maximum % rule.multiple_of);
    for (const amount of [rule.multiple_of, rule.minimum ?? 1200, 123450 * 100, largest]) {
      const digits = String(amount).padStart(rule.decimals + 1, '0');
      const point = digits.length - rule.decimals;
      const isWhole = rule.decimals === 0 || rule.multiple_of === 10 ** rule.decimals;
      const fraction = isWhole ? '' : `.${digits.slice(point)}`;

      const shown = formatAmount(amount, code, 'en-US').replace(/^\D+|,/g, '');

      expect(shown).toBe(`${digits.slice(0, point)}${fraction}`);
    }
  });

  it('follows Stripe where Stripe and ISO 4217 differ', () => {
    expect(plain(formatAmount(50000, 'isk', 'en-US'))).toBe('ISK 500');
    expect(plain(formatAmount(500000, 'ugx', 'en-US'))).toBe('UGX 5,000');
    expect(plain(formatAmount(5000, 'mga', 'en-US'))).toMatch(/^MGA 5,000/);
  });
});
