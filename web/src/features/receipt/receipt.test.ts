import { describe, expect, it } from 'vitest';

import type { PaymentWithHistory } from '@/api/client';

import { amountsOf, paidAt } from './receipt';

const payment = (changes: Partial<PaymentWithHistory> = {}) =>
  ({
    amount: 2400,
    amount_received: 2400,
    amount_refunded: 0,
    shipping_amount: 0,
    tax_amount: 0,
    discount_amount: 0,
    updated_at: '2026-11-30T10:00:00.000Z',
    history: [],
    ...changes,
  }) as unknown as PaymentWithHistory;

const rows = (changes: Partial<PaymentWithHistory>) =>
  amountsOf(payment(changes)).map(({ name, amount }) => [name, amount]);

describe('the amounts of a receipt', () => {
  it('are only the total where there is nothing else', () => {
    expect(rows({})).toEqual([['Total', 2400]]);
  });

  it('name delivery, tax and discount', () => {
    expect(
      rows({
        amount: 3290,
        amount_received: 3290,
        shipping_amount: 490,
        tax_amount: 500,
        discount_amount: 100,
      }),
    ).toEqual([
      ['Delivery', 490],
      ['Tax', 500],
      ['Discount', -100],
      ['Total', 3290],
    ]);
  });

  it('end with what was paid after refunds', () => {
    expect(rows({ amount_refunded: 1000 })).toEqual([
      ['Total', 2400],
      ['Refunded', -1000],
      ['Paid in the end', 1400],
    ]);
  });

  it('say what was charged where only a part was captured', () => {
    expect(rows({ amount_received: 2000 })).toEqual([
      ['Total', 2400],
      ['Charged', 2000],
    ]);
  });
});

it('was paid when it succeeded, and not when it was refunded', () => {
  const change = (to: 'succeeded' | 'refunded', at: string) => ({
    at,
    from_status: 'pending' as const,
    to_status: to,
    by: 'webhook' as const,
    actor: 'webhook',
  });
  const history = [
    change('succeeded', '2026-11-27T10:00:00.000Z'),
    change('refunded', '2026-11-30T10:00:00.000Z'),
  ];
  expect(paidAt(payment({ history }))).toBe('2026-11-27T10:00:00.000Z');
});
