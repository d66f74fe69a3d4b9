import { beforeEach, describe, expect, it } from 'vitest';

import { Attempts } from './attempts';

const MUG = { productId: 'stoneware-mug', quantity: 1, currency: 'eur' };

describe('attempts to buy', () => {
  let keys = 0;
  const afterReload = () => new Attempts(sessionStorage, () => `key-${(keys += 1)}`);
  beforeEach(() => {
    sessionStorage.clear();
    keys = 0;
  });

  it('keep their key over reloads', () => {
    expect(afterReload().begin(MUG, 'pm_1').key).toBe('key-1');
    expect(afterReload().begin(MUG, 'pm_1').key).toBe('key-1');
  });

  it('keep the card they began with, whatever card is chosen later', () => {
    afterReload().begin(MUG, 'pm_1');
    expect(afterReload().begin(MUG, 'pm_2')).toMatchObject({
      key: 'key-1',
      paymentMethodId: 'pm_1',
    });
  });

  it.each([{ quantity: 2 }, { currency: 'jpy' }, { productId: 'coffee-beans' }])(
    'are others for another order: %o',
    (change) => {
      const attempts = afterReload();
      attempts.begin(MUG, 'pm_1');
      expect(attempts.begin({ ...MUG, ...change }, 'pm_1').key).toBe('key-2');
      expect(attempts.begin(MUG, 'pm_1').key).toBe('key-1');
    },
  );

  it('end with their payment, and only with theirs', () => {
    const attempts = afterReload();
    const two = { ...MUG, quantity: 2 };
    attempts.begin(MUG, 'pm_1');
    attempts.record(MUG, 'pay_1');
    attempts.begin(two, 'pm_1');
    attempts.record(two, 'pay_2');
    attempts.settle('pay_1');
    expect(attempts.find(MUG)).toBeNull();
    expect(attempts.find(two)?.paymentId).toBe('pay_2');
    expect(attempts.begin(MUG, 'pm_1').key).toBe('key-3');
  });

  it('are cleared without touching what else is stored', () => {
    const attempts = afterReload();
    attempts.begin(MUG, 'pm_1');
    sessionStorage.setItem('other', 'kept');
    attempts.clear();
    expect(attempts.find(MUG)).toBeNull();
    expect(sessionStorage.getItem('other')).toBe('kept');
  });

  it('start anew where something unreadable is stored', () => {
    const attempts = afterReload();
    attempts.begin(MUG, 'pm_1');
    sessionStorage.setItem(sessionStorage.key(0) ?? '', '{');
    expect(attempts.begin(MUG, 'pm_1').key).toBe('key-2');
  });

  it('make keys that the API accepts and nobody guesses', () => {
    const attempts = new Attempts(sessionStorage);
    const one = attempts.begin(MUG, 'pm_1').key;
    const other = attempts.begin({ ...MUG, quantity: 2 }, 'pm_1').key;
    expect(one).toMatch(/^[0-9a-f]{32}$/);
    expect(other).not.toBe(one);
  });
});
