import { describe, expect, it } from 'vitest';

import { amountExample, parseAmount, shortAmount, spellOut, typedAmount } from './amounts';

describe('a typed amount', () => {
  it.each([
    ['12.50', 'eur', 1250],
    ['12,5', 'eur', 1250],
    [' 12 ', 'eur', 1200],
    ['0.07', 'usd', 7],
    ['1250', 'jpy', 1250],
    ['1.5', 'kwd', 1500],
    ['1,234', 'kwd', 1234],
    ['500', 'huf', 50000],
    ['500', 'isk', 50000],
  ])('%s in %s is %i', (text, currency, amount) => {
    expect(parseAmount(text, currency)).toBe(amount);
  });

  it.each([
    ['1,234', 'eur'], // or is it 1234?
    ['1.234,50', 'eur'],
    ['1,250', 'jpy'],
    ['12.505', 'usd'],
    ['-5', 'eur'],
    ['€5', 'eur'],
    ['1e3', 'eur'],
    ['', 'eur'],
  ])('%s in %s is not understood', (text, currency) => {
    expect(parseAmount(text, currency)).toBeNull();
  });

  it.each([
    [1250, 'eur', '12.50'],
    [1250, 'jpy', '1250'],
    [1250, 'kwd', '1.250'],
    [50000, 'isk', '500'],
    [50000, 'huf', '500.00'],
  ])('of %i %s is written %s, and read as the same', (amount, currency, text) => {
    expect(typedAmount(amount, currency)).toBe(text);
    expect(parseAmount(text, currency)).toBe(amount);
  });

  it('has an example with the currency’s decimals', () => {
    expect(['eur', 'jpy', 'kwd'].map(amountExample)).toEqual(['12.50', '1250', '12.500']);
  });
});

describe('a shown amount', () => {
  it.each([
    [1250, 'eur', '€12.50 (12.50 euros)'],
    [1250, 'jpy', '¥1,250 (1,250 Japanese yen)'],
    [50000, 'isk', 'ISK 500 (500 Icelandic krónur)'],
  ])('%i %s is spelt out', (amount, currency, text) => {
    expect(spellOut(amount, currency, 'en').replaceAll('\u00a0', ' ')).toBe(text);
  });

  it.each([
    [150000, 'eur', '€1.5K'],
    [2500000, 'jpy', '¥2.5M'],
    [50, 'eur', '€0.5'],
    [0, 'eur', '€0'],
  ])('%i %s is short beside an axis', (amount, currency, text) => {
    expect(shortAmount(amount, currency, 'en')).toBe(text);
  });
});
