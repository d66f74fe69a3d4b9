import { describe, expect, it } from 'vitest';

import { formatAmount } from '@/lib/money';

import { actorText, staffHistory } from './staffHistory';
import { paymentDetails } from './testing';
import type { StatusChange } from './types';

const change = (
  to: string,
  actor: string,
  from: StatusChange['from_status'] = 'pending',
): StatusChange => ({
  at: '2026-11-27T10:00:00.000Z',
  from_status: from,
  to_status: to as StatusChange['to_status'], // or one of tomorrow
  by: 'confirm',
  actor,
});

describe('the history for staff', () => {
  it('says what happened, and who asked for it', () => {
    const payment = paymentDetails({
      amount_received: 2000,
      amount_refunded: 2000,
      history: [
        change('requires_payment_method', 'person:ada'),
        change('requires_payment_method', 'person:ada', 'requires_payment_method'),
        change('requires_capture', 'person:ada', 'requires_payment_method'),
        change('succeeded', 'staff:sam'),
        change('refund_pending', 'staff:kim'),
        change('refunded', 'webhook'),
        change('something_new', 'reconcile'),
      ],
    });
    expect(staffHistory(payment, 'sam').map(({ text, actor }) => [text, actor])).toEqual([
      ['It waits for a card.', 'the customer'],
      ['The bank declined it.', 'the customer'],
      [`The bank holds ${formatAmount(2400, 'eur')}.`, 'the customer'],
      [`${formatAmount(2000, 'eur')} of ${formatAmount(2400, 'eur')} was paid.`, 'you'],
      ['A refund was started. It is not done yet.', 'staff member kim'],
      [`All of it was refunded: ${formatAmount(2000, 'eur')}.`, 'Stripe'],
      ['It became “something new”.', 'Till’s reconciliation'],
    ]);
  });

  it.each([
    ['program:shop-backend', 'confirm', 'program shop-backend'],
    ['rebuild', 'rebuild', 'a rebuild from Stripe'],
    ['', 'webhook', 'Stripe'],
    ['', 'confirm', ''],
  ])('names the actor %s of a %s', (actor, by, text) => {
    expect(actorText({ actor, by }, 'sam')).toBe(text);
  });
});
