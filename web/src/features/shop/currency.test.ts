import { describe, expect, it } from 'vitest';

import { currencyOfLocale, offeredCurrencies, priceOf } from './currency';

const product = (prices: Record<string, number>) => ({
  product_id: 'x',
  name: 'X',
  description: '',
  image_url: null,
  prices,
});

describe('the currency of a price', () => {
  it.each([
    ['en-GB', 'gbp'],
    ['ja', 'jpy'],
    ['ar-KW', 'kwd'],
    ['de-AT', 'eur'],
    ['fr-CH', 'chf'],
    ['is', 'isk'],
    ['zh-TW', 'twd'],
    ['nonsense-in-here-somewhere-x', null],
  ])('for %s is %s', (locale, currency) => {
    expect(currencyOfLocale(locale)).toBe(currency);
  });

  it('is the preferred one if the product is sold in it', () => {
    expect(priceOf(product({ eur: 1099, jpy: 1800 }), 'jpy')).toEqual({
      amount: 1800,
      currency: 'jpy',
    });
  });

  it('is the product’s first one otherwise', () => {
    expect(priceOf(product({ jpy: 8800 }), 'eur')).toEqual({ amount: 8800, currency: 'jpy' });
    expect(priceOf(product({ jpy: 8800 }), null)).toEqual({ amount: 8800, currency: 'jpy' });
    expect(priceOf(product({}), 'eur')).toBeNull();
  });

  it('may be free', () => {
    expect(priceOf(product({ usd: 5, eur: 0 }), 'eur')).toEqual({ amount: 0, currency: 'eur' });
  });

  it('can be any that a product is sold in', () => {
    expect(offeredCurrencies([product({ usd: 1, eur: 1 }), product({ jpy: 1, eur: 1 })])).toEqual([
      'eur',
      'jpy',
      'usd',
    ]);
  });
});
