import { beforeEach, describe, expect, it } from 'vitest';

import { StartedPayments } from './startedPayments';

const MUG = { productId: 'stoneware-mug', quantity: 1, currency: 'eur' };

describe('payments started in this tab', () => {
  let keys = 0;
  const afterReload = () => new StartedPayments(sessionStorage, () => `key-${(keys += 1)}`);
  beforeEach(() => {
    sessionStorage.clear();
    keys = 0;
  });

  it('keep their key across reloads', () => {
    expect(afterReload().findOrStart(MUG, 'pm_1').key).toBe('key-1');
    expect(afterReload().findOrStart(MUG, 'pm_1').key).toBe('key-1');
  });

  it('keep their first card, whichever card is chosen later', () => {
    afterReload().findOrStart(MUG, 'pm_1');
    expect(afterReload().findOrStart(MUG, 'pm_2')).toMatchObject({
      key: 'key-1',
      paymentMethodId: 'pm_1',
    });
  });

  it.each([{ quantity: 2 }, { currency: 'jpy' }, { productId: 'coffee-beans' }])(
    'are separate for another order: %o',
    (change) => {
      const startedPayments = afterReload();
      startedPayments.findOrStart(MUG, 'pm_1');
      expect(startedPayments.findOrStart({ ...MUG, ...change }, 'pm_1').key).toBe('key-2');
      expect(startedPayments.findOrStart(MUG, 'pm_1').key).toBe('key-1');
    },
  );

  it('are forgotten with their payment, and no other', () => {
    const startedPayments = afterReload();
    const two = { ...MUG, quantity: 2 };
    startedPayments.findOrStart(MUG, 'pm_1');
    startedPayments.recordPaymentId(MUG, 'pay_1');
    startedPayments.findOrStart(two, 'pm_1');
    startedPayments.recordPaymentId(two, 'pay_2');
    startedPayments.forgetPayment('pay_1');
    expect(startedPayments.find(MUG)).toBeNull();
    expect(startedPayments.find(two)?.paymentId).toBe('pay_2');
    expect(startedPayments.findOrStart(MUG, 'pm_1').key).toBe('key-3');
  });

  it('are cleared without touching anything else in storage', () => {
    const startedPayments = afterReload();
    startedPayments.findOrStart(MUG, 'pm_1');
    sessionStorage.setItem('other', 'kept');
    startedPayments.clear();
    expect(startedPayments.find(MUG)).toBeNull();
    expect(sessionStorage.getItem('other')).toBe('kept');
  });

  it('start again if the stored data cannot be parsed', () => {
    const startedPayments = afterReload();
    startedPayments.findOrStart(MUG, 'pm_1');
    sessionStorage.setItem(sessionStorage.key(0) ?? '', '{');
    expect(startedPayments.findOrStart(MUG, 'pm_1').key).toBe('key-2');
  });

  it('make keys that the API accepts and nobody can guess', () => {
    const startedPayments = new StartedPayments(sessionStorage);
    const one = startedPayments.findOrStart(MUG, 'pm_1').key;
    const other = startedPayments.findOrStart({ ...MUG, quantity: 2 }, 'pm_1').key;
    expect(one).toMatch(/^[0-9a-f]{32}$/);
    expect(other).not.toBe(one);
  });
});
