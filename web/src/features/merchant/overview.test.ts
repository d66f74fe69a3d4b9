import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { daysUpTo } from './days';
import { byDeadline, declines, heldAmounts, openDisputes, volumes, wholeDays } from './overview';
import { ticks } from './scale';
import { anError, aPayment, declined } from './testing';
import type { Dispute } from './types';

const ours = process.env.TZ;
beforeEach(() => {
  process.env.TZ = 'Asia/Tokyo';
});
afterEach(() => {
  if (ours === undefined) delete process.env.TZ;
  else process.env.TZ = ours;
});

describe('the volume', () => {
  const days = daysUpTo('2026-11-28', 3);

  it('is counted on Tokyo’s days in Tokyo, with zeros where nothing was paid', () => {
    const payments = [
      aPayment({ currency: 'jpy', amount_received: 1500, created_at: '2026-11-27T15:00:00.000Z' }),
      aPayment({ currency: 'jpy', amount_received: 700, created_at: '2026-11-27T14:59:59.999Z' }),
      aPayment({ currency: 'jpy', amount_received: 300, created_at: '2026-11-26T15:00:00.000Z' }),
    ];
    expect(volumes(payments, days)).toEqual([
      {
        currency: 'jpy',
        total: 2500,
        count: 3,
        days: [
          { day: '2026-11-26', amount: 0, count: 0 },
          { day: '2026-11-27', amount: 1000, count: 2 },
          { day: '2026-11-28', amount: 1500, count: 1 },
        ],
      },
    ]);
  });

  it('keeps currencies apart, and counts what was paid only', () => {
    const found = volumes(
      [
        aPayment({ currency: 'usd' }),
        aPayment({ currency: 'eur' }),
        aPayment({ currency: 'eur', amount_received: 1000 }),
        aPayment({ currency: 'gbp', status: 'requires_capture', amount_received: 0 }),
        declined('insufficient_funds'),
      ],
      days,
    );
    expect(found.map(({ currency, total, count }) => [currency, total, count])).toEqual([
      ['eur', 3400, 2],
      ['usd', 2400, 1],
    ]);
  });

  it('of thousands of payments is their sum', () => {
    const many = Array.from({ length: 5000 }, (_, index) =>
      aPayment({
        payment_id: `pay_${index}`,
        created_at: new Date(Date.UTC(2026, 10, 27, 0, 0, index)).toISOString(),
      }),
    );
    expect(volumes(many, days)[0]).toMatchObject({ total: 12_000_000, count: 5000 });
  });

  it('is empty without payments', () => {
    expect(volumes([], days)).toEqual([]);
  });

  it('leaves out the days that were not read to their end', () => {
    const read = [
      aPayment({ created_at: '2026-11-28T01:00:00.000Z' }),
      aPayment({ created_at: '2026-11-26T16:00:00.000Z' }), // the 27th in Tokyo
    ];
    expect(wholeDays(days, read)).toEqual(['2026-11-28']);
    expect(wholeDays(days, [])).toEqual(days);
  });
});

describe('the declines', () => {
  it('are those that stand, by their reasons', () => {
    expect(
      declines([
        aPayment(),
        aPayment({ status: 'requires_capture' }),
        declined('insufficient_funds'),
        declined('insufficient_funds', { status: 'canceled' }),
        declined('lost_card'),
        aPayment({
          status: 'requires_payment_method',
          last_payment_error: anError('payment_intent_authentication_failure', null),
        }),
        aPayment({ status: 'requires_confirmation' }), // nobody has been asked
        aPayment({ status: 'canceled' }),
      ]),
    ).toEqual({
      asked: 6,
      declined: 4,
      reasons: [
        { reason: 'insufficient_funds', count: 2 },
        { reason: 'lost_card', count: 1 },
        { reason: 'payment_intent_authentication_failure', count: 1 },
      ],
    });
  });
});

describe('what waits', () => {
  it('is summed by currency', () => {
    expect(
      heldAmounts([
        aPayment({ currency: 'jpy', amount_capturable: 500 }),
        aPayment({ currency: 'eur', amount_capturable: 100 }),
        aPayment({ currency: 'eur', amount_capturable: 250 }),
      ]),
    ).toEqual([
      { currency: 'eur', amount: 350 },
      { currency: 'jpy', amount: 500 },
    ]);
  });

  it('comes by its deadline, and last where there is none', () => {
    const held = [null, '2026-12-02T00:00:00Z', '2026-12-01T00:00:00Z'];
    expect(byDeadline(held, (at) => at)).toEqual([held[2], held[1], null]);
  });

  it('has the open disputes, first the one to be answered next', () => {
    const dispute = (id: string, status: Dispute['status'], due: string | null): Dispute => ({
      dispute_id: id,
      status,
      amount: 2400,
      currency: 'eur',
      reason: 'fraudulent',
      evidence_due_by: due,
      created_at: null,
    });
    const found = openDisputes([
      aPayment({ disputes: [dispute('answered', 'under_review', '2026-11-01T00:00:00Z')] }),
      aPayment({
        disputes: [
          dispute('over', 'won', null),
          dispute('later', 'needs_response', '2026-12-09T00:00:00Z'),
        ],
      }),
      aPayment({ disputes: [dispute('next', 'warning_needs_response', '2026-12-01T00:00:00Z')] }),
    ]);
    expect(found.map(({ dispute: { dispute_id: id } }) => id)).toEqual([
      'next',
      'later',
      'answered',
    ]);
  });
});

describe('the scale of a chart', () => {
  it.each([
    [0, [0, 1]],
    [3, [0, 1, 2, 3]],
    [1000, [0, 500, 1000]],
    [2500, [0, 1000, 2000, 3000]],
    [99, [0, 50, 100]],
    [12_000_000, [0, 5_000_000, 10_000_000, 15_000_000]],
  ])('up to %i has even steps', (highest, steps) => {
    expect(ticks(highest)).toEqual(steps);
  });
});
