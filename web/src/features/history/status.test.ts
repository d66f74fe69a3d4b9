import { describe, expect, it } from 'vitest';

import type { Payment } from '@/api/client';

import { canBeResumed, isInProgress, needsReview, refundOrDisputeText, statusText } from './status';

const DECLINED = { code: 'card_declined', decline_code: 'insufficient_funds', message: '' };

function payment(status: string, refunded = 0, dispute: string | null = null) {
  return {
    status: status as Payment['status'], // or one of tomorrow
    amount: 2400,
    amount_refunded: refunded,
    dispute_status: dispute as Payment['dispute_status'],
    last_payment_error: null,
  };
}

describe('the status of a payment', () => {
  it.each([
    ['succeeded', 'Paid', false, false],
    ['processing', 'In progress', false, true],
    ['a_status_of_tomorrow', 'In progress', false, true],
    ['constructor', 'In progress', false, true],
    ['pending', 'Unfinished', true, false],
    ['requires_confirmation', 'Unfinished', true, false],
    ['requires_payment_method', 'Unfinished', true, false],
    ['requires_action', 'Action needed', true, false],
    ['canceled', 'Cancelled', false, false],
    ['refused', 'Refused', false, false],
    ['expired', 'Expired', false, false],
    ['mismatched', 'Being checked', false, false],
    ['lost_at_stripe', 'Contact the shop', false, false],
  ])('%s is “%s”; can be resumed: %s, in progress: %s', (status, label, resumed, inProgress) => {
    expect(statusText(payment(status)).label).toBe(label);
    expect(canBeResumed(payment(status))).toBe(resumed);
    expect(isInProgress(payment(status))).toBe(inProgress);
  });

  it('tells a declined payment from an unfinished one', () => {
    const declined = { ...payment('requires_payment_method'), last_payment_error: DECLINED };
    expect(statusText(declined)).toEqual({ label: 'Declined', tone: 'danger' });
    expect(canBeResumed(declined)).toBe(true);
  });

  it.each(['mismatched', 'lost_at_stripe'])('has to be looked at by the shop if %s', (status) => {
    expect(needsReview(payment(status))).toBe(true);
  });

  it.each(['succeeded', 'canceled', 'refused', 'expired'])('is clear if %s', (status) => {
    expect(needsReview(payment(status))).toBe(false);
  });
});

describe('a refund or a dispute', () => {
  it.each([
    [0, null, 'Paid'],
    [1000, null, 'Partly refunded'],
    [2400, null, 'Refunded'],
    [0, 'needs_response', 'Disputed'],
    [0, 'under_review', 'Disputed'],
    [0, 'warning_needs_response', 'Questioned by your bank'],
    [0, 'warning_under_review', 'Questioned by your bank'],
    [0, 'a_status_of_tomorrow', 'Disputed'],
    [0, 'won', 'Dispute won by the shop'],
    [0, 'lost', 'Dispute lost by the shop'],
    [0, 'warning_closed', 'Paid'],
    [2400, 'prevented', 'Refunded'],
  ])('with %i of 2400 refunded and dispute status %s is “%s”', (refunded, dispute, label) => {
    expect(statusText(payment('succeeded', refunded, dispute)).label).toBe(label);
  });

  it('shows an open dispute before a refund', () => {
    expect(statusText(payment('succeeded', 1000, 'needs_response')).label).toBe('Disputed');
    expect(statusText(payment('succeeded', 1000, 'won')).label).toBe('Partly refunded');
  });

  it('is null if the payment was not refunded or disputed, or never succeeded', () => {
    expect(refundOrDisputeText(payment('succeeded'))).toBeNull();
    expect(refundOrDisputeText(payment('canceled', 2400))).toBeNull();
  });
});
