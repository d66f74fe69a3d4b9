import { describe, expect, it } from 'vitest';

import { refundOrDisputeText, canBeResumed, isUnderWay, statusText } from './status';

const DECLINED = { code: 'card_declined', decline_code: 'insufficient_funds', message: '' };

function payment(status: string, refunded = 0, dispute: string | null = null) {
  return {
    status,
    amount: 2400,
    amount_refunded: refunded,
    dispute_status: dispute,
    last_payment_error: null,
  };
}

describe('the status of a payment', () => {
  it.each([
    ['succeeded', 'Paid', false, false],
    ['processing', 'Under way', false, true],
    ['a_status_of_tomorrow', 'Under way', false, true],
    ['constructor', 'Under way', false, true],
    ['pending', 'Not finished', true, false],
    ['requires_confirmation', 'Not finished', true, false],
    ['requires_payment_method', 'Not finished', true, false],
    ['requires_action', 'Waiting for you', true, false],
    ['canceled', 'Cancelled', false, false],
  ])('%s is “%s”; resumed: %s, under way: %s', (status, label, resumed, underWay) => {
    expect(statusText(payment(status)).label).toBe(label);
    expect(canBeResumed(payment(status))).toBe(resumed);
    expect(isUnderWay(payment(status))).toBe(underWay);
  });

  it('tells a decline from a payment nobody finished', () => {
    const declined = { ...payment('requires_payment_method'), last_payment_error: DECLINED };
    expect(statusText(declined)).toEqual({ label: 'Declined', tone: 'danger' });
    expect(canBeResumed(declined)).toBe(true);
  });
});

describe('what became of the money', () => {
  it.each([
    [0, null, 'Paid'],
    [1000, null, 'Partly refunded'],
    [2400, null, 'Refunded'],
    [0, 'needs_response', 'Disputed'],
    [0, 'under_review', 'Disputed'],
    [0, 'warning_needs_response', 'Disputed'],
    [0, 'a_status_of_tomorrow', 'Disputed'],
    [0, 'won', 'Dispute won by the shop'],
    [0, 'lost', 'Dispute lost by the shop'],
    [0, 'warning_closed', 'Paid'],
    [2400, 'prevented', 'Refunded'],
  ])('%i of 2400 given back, dispute %s: “%s”', (refunded, dispute, label) => {
    expect(statusText(payment('succeeded', refunded, dispute)).label).toBe(label);
  });

  it('tells what is not over before what is', () => {
    expect(statusText(payment('succeeded', 1000, 'needs_response')).label).toBe('Disputed');
    expect(statusText(payment('succeeded', 1000, 'won')).label).toBe('Partly refunded');
  });

  it('is nothing while the payment stands, or was never made', () => {
    expect(refundOrDisputeText(payment('succeeded'))).toBeNull();
    expect(refundOrDisputeText(payment('canceled', 2400))).toBeNull();
  });
});
