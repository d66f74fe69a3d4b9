import type { Payment } from './types';

export interface StatusText {
  readonly label: string;
  readonly tone: 'success' | 'warning' | 'danger' | 'neutral';
}

/** Every status that a payment can be searched by. */
export const PAYMENT_STATUSES: ReadonlyMap<string, StatusText> = new Map([
  ['succeeded', { label: 'Paid', tone: 'success' }],
  ['requires_capture', { label: 'Waiting for capture', tone: 'warning' }],
  ['processing', { label: 'With the bank', tone: 'neutral' }],
  ['requires_payment_method', { label: 'Waiting for a card', tone: 'neutral' }],
  ['requires_confirmation', { label: 'Not confirmed', tone: 'neutral' }],
  ['requires_action', { label: 'Waiting for the customer', tone: 'neutral' }],
  ['pending', { label: 'Being created', tone: 'neutral' }],
  ['canceled', { label: 'Cancelled', tone: 'neutral' }],
  ['refused', { label: 'Refused by Stripe', tone: 'danger' }],
  ['expired', { label: 'Never started', tone: 'neutral' }],
  ['mismatched', { label: 'Does not match Stripe', tone: 'danger' }],
  ['lost_at_stripe', { label: 'Lost at Stripe', tone: 'danger' }],
]);

/** Every status of an order. */
export const ORDER_STATUSES: ReadonlyMap<string, StatusText> = new Map([
  ['open', { label: 'Open', tone: 'neutral' }],
  ['paid', { label: 'Paid', tone: 'success' }],
  ['expired', { label: 'Expired', tone: 'neutral' }],
  ['canceled', { label: 'Cancelled', tone: 'neutral' }],
]);

const REFUND_STATUSES: ReadonlyMap<string, StatusText> = new Map([
  ['succeeded', { label: 'Refunded', tone: 'success' }],
  ['pending', { label: 'Not done yet', tone: 'warning' }],
  ['requires_action', { label: 'Waiting for the customer', tone: 'warning' }],
  ['failed', { label: 'Failed', tone: 'danger' }],
  ['canceled', { label: 'Cancelled', tone: 'neutral' }],
]);

// https://docs.stripe.com/api/disputes/object#dispute_object-status
const DISPUTE_STATUSES: ReadonlyMap<string, StatusText> = new Map([
  ['needs_response', { label: 'Disputed: answer it', tone: 'danger' }],
  ['under_review', { label: 'Disputed: with the bank', tone: 'warning' }],
  ['won', { label: 'Dispute won', tone: 'success' }],
  ['lost', { label: 'Dispute lost', tone: 'danger' }],
  ['warning_needs_response', { label: 'Inquiry: answer it', tone: 'danger' }],
  ['warning_under_review', { label: 'Inquiry: with the bank', tone: 'warning' }],
]);

function textOf(texts: ReadonlyMap<string, StatusText>, status: string): StatusText {
  return texts.get(status) ?? { label: status.replaceAll('_', ' '), tone: 'neutral' };
}

/** A payment's status, worded for staff: first what somebody has to do something about. */
export function paymentStatusText(
  payment: Pick<
    Payment,
    'status' | 'amount_received' | 'amount_refunded' | 'dispute_status' | 'last_payment_error'
  >,
): StatusText {
  const { status, amount_received: received, amount_refunded: refunded } = payment;
  const dispute = DISPUTE_STATUSES.get(payment.dispute_status ?? '');
  if (status === 'requires_payment_method' && payment.last_payment_error !== null) {
    return { label: 'Declined', tone: 'danger' };
  }
  if (status !== 'succeeded') return textOf(PAYMENT_STATUSES, status);
  if (dispute && payment.dispute_status !== 'won') return dispute;
  if (refunded > 0) {
    return { label: refunded < received ? 'Partly refunded' : 'Refunded', tone: 'neutral' };
  }
  return dispute ?? textOf(PAYMENT_STATUSES, status);
}

export function orderStatusText(status: string): StatusText {
  return textOf(ORDER_STATUSES, status);
}

export function refundStatusText(status: string): StatusText {
  return textOf(REFUND_STATUSES, status);
}

export function disputeStatusText(status: string): StatusText {
  return textOf(DISPUTE_STATUSES, status);
}

/** Stripe's word for a reason, such as `insufficient_funds`, as people write it. */
export function inWords(code: string): string {
  const words = code.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
