import { describe, expect, it } from 'vitest';

import { actionsFor, canCancelOrder } from './actions';
import { anOrder, paymentDetails } from './testing';

describe('what may be done with a payment', () => {
  it.each([
    ['succeeded', 2400, 0, false],
    ['requires_capture', 0, 2400, true],
    ['requires_action', 0, 0, true],
    ['requires_payment_method', 0, 0, true],
    ['processing', 0, 0, false],
    ['canceled', 0, 0, false],
    ['mismatched', 0, 0, false],
  ] as const)('if it is %s', (status, refundable, capturable, cancelable) => {
    const payment = paymentDetails({ status, amount_capturable: 2400 });
    expect(actionsFor(payment, 'merchant')).toMatchObject({ refundable, capturable, cancelable });
    expect(actionsFor(payment, 'support')).toMatchObject({
      refundable,
      capturable: 0,
      cancelable: false,
    });
  });

  it.each([
    ['needs_response', 0],
    ['under_review', 0],
    ['lost', 0],
    ['won', 2400],
    ['warning_needs_response', 2400],
    ['warning_closed', 2400],
  ] as const)('if its dispute is %s, %i can be refunded', (status, refundable) => {
    const actions = actionsFor(paymentDetails({ dispute_status: status }), 'support');
    expect(actions.refundable).toBe(refundable);
    expect(actions.unrefundable).toBe(refundable === 0 ? 'disputed' : null);
  });

  it('is no refund if all of it is given back or promised', () => {
    expect(actionsFor(paymentDetails({ amount_refundable: 0 }), 'support')).toMatchObject({
      refundable: 0,
      unrefundable: 'all_refunded',
    });
  });
});

it.each([
  ['open', 'merchant', true],
  ['open', 'support', false],
  ['paid', 'merchant', false],
  ['canceled', 'merchant', false],
  ['expired', 'merchant', false],
] as const)('an order that is %s can be cancelled by %s: %s', (status, role, expected) => {
  expect(canCancelOrder(anOrder({ status }), role)).toBe(expected);
});
