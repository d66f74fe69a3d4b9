import { describe, expect, it } from 'vitest';

import { canBeResumed, isUnderWay, statusText } from './status';

const DECLINED = { code: 'card_declined', decline_code: 'insufficient_funds', message: '' };

describe('the status of a payment', () => {
  it.each([
    ['succeeded', 'Paid', false, false],
    ['processing', 'Under way', false, true],
    ['a_status_of_tomorrow', 'Under way', false, true],
    ['pending', 'Not finished', true, false],
    ['requires_confirmation', 'Not finished', true, false],
    ['requires_payment_method', 'Not finished', true, false],
    ['requires_action', 'Waiting for you', true, false],
    ['canceled', 'Cancelled', false, false],
  ])('%s is “%s”; resumed: %s, under way: %s', (status, label, resumed, underWay) => {
    const payment = { status, last_payment_error: null };
    expect(statusText(payment).label).toBe(label);
    expect(canBeResumed(payment)).toBe(resumed);
    expect(isUnderWay(payment)).toBe(underWay);
  });

  it('tells a decline from a payment nobody finished', () => {
    const payment = { status: 'requires_payment_method', last_payment_error: DECLINED };
    expect(statusText(payment)).toEqual({ label: 'Declined', tone: 'danger' });
    expect(canBeResumed(payment)).toBe(true);
  });
});
