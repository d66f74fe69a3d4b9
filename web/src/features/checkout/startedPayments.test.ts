import { beforeEach, describe, expect, it, vi } from 'vitest';

import { StartedPayments } from './startedPayments';

const MUG = { items: [{ productId: 'stoneware-mug', quantity: 1 }], currency: 'eur' };

describe('payments started in this browser', () => {
  let keys = 0;
  let person = 'grace';
  const afterReload = () =>
    new StartedPayments(
      localStorage,
      () => person,
      () => `key-${(keys += 1)}`,
    );
  beforeEach(() => {
    localStorage.clear();
    keys = 0;
    person = 'grace';
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

  it.each([
    { items: [{ productId: 'stoneware-mug', quantity: 2 }] },
    { currency: 'jpy' },
    { items: [{ productId: 'coffee-beans', quantity: 1 }] },
    { items: [...MUG.items, { productId: 'coffee-beans', quantity: 1 }] },
  ])('are separate for another order: %o', (change) => {
    const startedPayments = afterReload();
    startedPayments.findOrStart(MUG, 'pm_1');
    expect(startedPayments.findOrStart({ ...MUG, ...change }, 'pm_1').key).toBe('key-2');
    expect(startedPayments.findOrStart(MUG, 'pm_1').key).toBe('key-1');
  });

  it('are forgotten with their payment, and no other', () => {
    const startedPayments = afterReload();
    const two = { ...MUG, items: [{ productId: 'stoneware-mug', quantity: 2 }] };
    startedPayments.findOrStart(MUG, 'pm_1');
    startedPayments.recordPaymentId(MUG, 'pay_1');
    startedPayments.findOrStart(two, 'pm_1');
    startedPayments.recordPaymentId(two, 'pay_2');
    startedPayments.forgetPayment('pay_1');
    expect(startedPayments.find(MUG)).toBeNull();
    expect(startedPayments.find(two)?.paymentId).toBe('pay_2');
    expect(startedPayments.findOrStart(MUG, 'pm_1').key).toBe('key-3');
  });

  it('stay once they are paid, for a day, so that no other tab pays them again', () => {
    vi.useFakeTimers({ now: new Date('2026-11-27T12:00:00Z') });
    afterReload().findOrStart(MUG, 'pm_1');
    afterReload().recordPaymentId(MUG, 'pay_1');
    afterReload().recordPaid('pay_1');
    expect(afterReload().findOrStart(MUG, 'pm_1')).toMatchObject({
      key: 'key-1',
      paymentId: 'pay_1',
      paidAt: Date.now(),
    });
    vi.setSystemTime(new Date('2026-11-28T12:00:01Z'));
    expect(afterReload().find(MUG)).toBeNull();
    expect(afterReload().findOrStart(MUG, 'pm_1').key).toBe('key-2');
    vi.useRealTimers();
  });

  it('are those of one person', () => {
    afterReload().findOrStart(MUG, 'pm_1');
    person = 'ada';
    expect(afterReload().find(MUG)).toBeNull();
    expect(afterReload().findOrStart(MUG, 'pm_1').key).toBe('key-2');
    person = 'grace';
    expect(afterReload().find(MUG)?.key).toBe('key-1');
  });

  it('are followed when another tab changes them', () => {
    const followed = vi.fn();
    const startedPayments = afterReload();
    const stop = startedPayments.followOtherTabs(MUG, followed);
    const two = startedPayments.nameOf({
      ...MUG,
      items: [{ productId: 'stoneware-mug', quantity: 2 }],
    });
    dispatchEvent(new StorageEvent('storage', { key: two }));
    expect(followed).not.toHaveBeenCalled();
    dispatchEvent(new StorageEvent('storage', { key: startedPayments.nameOf(MUG) }));
    expect(followed).toHaveBeenCalledOnce();
    stop();
    dispatchEvent(new StorageEvent('storage', { key: startedPayments.nameOf(MUG) }));
    expect(followed).toHaveBeenCalledOnce();
  });

  it('are cleared without touching anything else in storage', () => {
    const startedPayments = afterReload();
    startedPayments.findOrStart(MUG, 'pm_1');
    localStorage.setItem('other', 'kept');
    startedPayments.clear();
    expect(startedPayments.find(MUG)).toBeNull();
    expect(localStorage.getItem('other')).toBe('kept');
  });

  it('start again if the stored data cannot be parsed', () => {
    const startedPayments = afterReload();
    startedPayments.findOrStart(MUG, 'pm_1');
    localStorage.setItem(localStorage.key(0) ?? '', '{');
    expect(startedPayments.findOrStart(MUG, 'pm_1').key).toBe('key-2');
  });

  it('make keys that the API accepts and nobody can guess', () => {
    const startedPayments = new StartedPayments(localStorage, () => person);
    const one = startedPayments.findOrStart(MUG, 'pm_1').key;
    const other = startedPayments.findOrStart(
      { ...MUG, items: [{ productId: 'stoneware-mug', quantity: 2 }] },
      'pm_1',
    ).key;
    expect(one).toMatch(/^[0-9a-f]{32}$/);
    expect(other).not.toBe(one);
  });
});
