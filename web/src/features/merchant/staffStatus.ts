import { t } from '@lingui/core/macro';

import type { Payment } from './types';

export interface StatusText {
  readonly label: string;
  readonly tone: 'success' | 'warning' | 'danger' | 'neutral';
}

/** Every status that a payment can be searched by. */
export const paymentStatuses = (): ReadonlyMap<string, StatusText> =>
  new Map([
    ['succeeded', { label: t`Paid`, tone: 'success' }],
    ['requires_capture', { label: t`Waiting for capture`, tone: 'warning' }],
    ['processing', { label: t`With the bank`, tone: 'neutral' }],
    ['requires_payment_method', { label: t`Waiting for a card`, tone: 'neutral' }],
    ['requires_confirmation', { label: t`Not confirmed`, tone: 'neutral' }],
    ['requires_action', { label: t`Waiting for the customer`, tone: 'neutral' }],
    ['pending', { label: t`Being created`, tone: 'neutral' }],
    ['canceled', { label: t`Cancelled`, tone: 'neutral' }],
    ['refused', { label: t`Refused by Stripe`, tone: 'danger' }],
    ['expired', { label: t`Never started`, tone: 'neutral' }],
    ['mismatched', { label: t`Does not match Stripe`, tone: 'danger' }],
    ['lost_at_stripe', { label: t`Lost at Stripe`, tone: 'danger' }],
  ]);

/** Every status of an order. */
export const orderStatuses = (): ReadonlyMap<string, StatusText> =>
  new Map([
    ['open', { label: t`Open`, tone: 'neutral' }],
    ['paid', { label: t`Paid`, tone: 'success' }],
    ['expired', { label: t`Expired`, tone: 'neutral' }],
    ['canceled', { label: t`Cancelled`, tone: 'neutral' }],
  ]);

const refundStatuses = (): ReadonlyMap<string, StatusText> =>
  new Map([
    ['succeeded', { label: t`Refunded`, tone: 'success' }],
    ['pending', { label: t`Not done yet`, tone: 'warning' }],
    ['requires_action', { label: t`Waiting for the customer`, tone: 'warning' }],
    ['failed', { label: t`Failed`, tone: 'danger' }],
    ['canceled', { label: t`Cancelled`, tone: 'neutral' }],
  ]);

// https://docs.stripe.com/api/disputes/object#dispute_object-status
const disputeStatuses = (): ReadonlyMap<string, StatusText> =>
  new Map([
    ['needs_response', { label: t`Disputed: answer it`, tone: 'danger' }],
    ['under_review', { label: t`Disputed: with the bank`, tone: 'warning' }],
    ['won', { label: t`Dispute won`, tone: 'success' }],
    ['lost', { label: t`Dispute lost`, tone: 'danger' }],
    ['warning_needs_response', { label: t`Inquiry: answer it`, tone: 'danger' }],
    ['warning_under_review', { label: t`Inquiry: with the bank`, tone: 'warning' }],
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
  const dispute = disputeStatuses().get(payment.dispute_status ?? '');
  if (status === 'requires_payment_method' && payment.last_payment_error !== null) {
    return { label: t`Declined`, tone: 'danger' };
  }
  if (status !== 'succeeded') return textOf(paymentStatuses(), status);
  if (dispute && payment.dispute_status !== 'won') return dispute;
  if (refunded > 0) {
    return { label: refunded < received ? t`Partly refunded` : t`Refunded`, tone: 'neutral' };
  }
  return dispute ?? textOf(paymentStatuses(), status);
}

export function orderStatusText(status: string): StatusText {
  return textOf(orderStatuses(), status);
}

export function refundStatusText(status: string): StatusText {
  return textOf(refundStatuses(), status);
}

export function disputeStatusText(status: string): StatusText {
  return textOf(disputeStatuses(), status);
}

/** Stripe's word for a reason, such as `insufficient_funds`, as people write it. */
export function inWords(code: string): string {
  const words = code.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
