import { beforeEach, describe, expect, it, vi } from 'vitest';

import { MAX_QUANTITY } from '@/lib/purchaseLimits';

import { Cart } from './cart';
import { priceCart } from './prices';

const product = (product_id: string, prices: Record<string, number>) => ({
  product_id,
  name: product_id,
  description: '',
  image_url: null,
  prices,
});
const MUG = product('mug', { eur: 1800, usd: 2000 });
const TEA = product('tea', { eur: 900, jpy: 1500 });
const sold = (...products: ReturnType<typeof product>[]) =>
  new Map(products.map((each) => [each.product_id, each]));

describe('a cart', () => {
  beforeEach(() => localStorage.clear());

  it('keeps several products, and how many of each, over visits', () => {
    const cart = new Cart(localStorage);
    for (const each of [MUG, TEA, MUG]) expect(cart.add(each)).toBe(true);

    expect(new Cart(localStorage).lines()).toEqual([
      { productId: 'mug', name: 'mug', quantity: 2, seen: MUG.prices },
      { productId: 'tea', name: 'tea', quantity: 1, seen: TEA.prices },
    ]);
  });

  it('takes as much of a product, and as many products, as the API', () => {
    const cart = new Cart(localStorage);
    for (let count = 0; count < MAX_QUANTITY; count += 1) cart.add(MUG);
    expect(cart.add(MUG)).toBe(false);
    for (let number = 0; number < 49; number += 1) cart.add(product(`p${number}`, { eur: 1 }));
    expect(cart.add(TEA)).toBe(false);
    expect(cart.lines()).toHaveLength(50);
    expect(cart.lines()[0]?.quantity).toBe(MAX_QUANTITY);
  });

  it('changes quantities, and loses what is removed or paid', () => {
    const cart = new Cart(localStorage);
    cart.add(MUG);
    cart.add(TEA);
    cart.setQuantity('tea', 3);
    cart.remove(['mug']);
    expect(cart.lines()).toMatchObject([{ productId: 'tea', quantity: 3 }]);
    cart.clear();
    expect(localStorage.length).toBe(0);
  });

  it('tells who shows it of changes, in this tab and in others', () => {
    const cart = new Cart(localStorage);
    const listener = vi.fn();
    const leave = cart.subscribe(listener);
    cart.add(MUG);
    expect(listener).toHaveBeenCalledTimes(1);
    dispatchEvent(new StorageEvent('storage', { key: 'till.cart' }));
    expect(listener).toHaveBeenCalledTimes(2);
    expect(cart.lines()).toBe(cart.lines());
    leave();
    cart.clear();
    expect(listener).toHaveBeenCalledTimes(2);
  });

  it.each([
    '{',
    '{}',
    '[{"productId":"mug"}]',
    '[null]',
    '[{"productId":"a","name":"a","seen":{},"quantity":1e9}]',
  ])('is empty if what is stored is %s', (stored) => {
    localStorage.setItem('till.cart', stored);
    expect(new Cart(localStorage).lines()).toEqual([]);
  });
});

describe('the price of a cart', () => {
  const lines = [
    { productId: 'mug', name: 'mug', quantity: 2, seen: { eur: 1700 } },
    { productId: 'tea', name: 'tea', quantity: 1, seen: TEA.prices },
  ];

  it('is in the one currency that all its products have, and tells what has changed', () => {
    const { currency, currencies, total, lines: priced } = priceCart(lines, sold(MUG, TEA), 'usd');
    expect({ currency, currencies, total }).toEqual({
      currency: 'eur',
      currencies: ['eur'],
      total: 2 * 1800 + 900,
    });
    expect(priced.map(({ before }) => before)).toEqual([1700, null]);
  });

  it('is in the preferred currency if all have it', () => {
    expect(priceCart(lines.slice(0, 1), sold(MUG), 'usd')).toMatchObject({
      currency: 'usd',
      total: 4000,
    });
  });

  it('is not known while something is not sold any more', () => {
    const { total, lines: priced } = priceCart(
      lines,
      new Map([
        ['mug', MUG],
        ['tea', null],
      ]),
      null,
    );
    expect(total).toBeNull();
    expect(priced.map(({ unitAmount }) => unitAmount)).toEqual([1800, null]);
  });

  it('is not known without a currency in common', () => {
    const other = product('tea', { jpy: 1500 });
    expect(priceCart(lines, sold(MUG, other), null)).toMatchObject({ currency: null, total: null });
  });
});
