import { t } from '@lingui/core/macro';

import type { Payment } from '@/api/client';

export interface StatusText {
  readonly label: string;
  readonly tone: 'success' | 'warning' | 'danger' | 'neutral';
}

type Money = Pick<Payment, 'status' | 'amount' | 'amount_refunded' | 'dispute_status'>;

const unfinished = (): StatusText => ({ label: t`Unfinished`, tone: 'warning' });
const statuses = (): ReadonlyMap<string, StatusText> =>
  new Map([
    ['succeeded', { label: t`Paid`, tone: 'success' }],
    ['requires_action', { label: t`Action needed`, tone: 'warning' }],
    ['requires_confirmation', unfinished()],
    ['requires_payment_method', unfinished()],
    ['pending', unfinished()],
    ['canceled', { label: t`Cancelled`, tone: 'neutral' }],
    ['refused', { label: t`Refused`, tone: 'danger' }],
    ['expired', { label: t`Expired`, tone: 'neutral' }],
    ['mismatched', { label: t`Being checked`, tone: 'warning' }],
    ['lost_at_stripe', { label: t`Contact the shop`, tone: 'warning' }],
  ]);

/** A payment's status, worded for the customer. */
export function statusText(payment: Money & Pick<Payment, 'last_payment_error'>): StatusText {
  const { status, last_payment_error: error } = payment;
  if (status === 'requires_payment_method' && error) return { label: t`Declined`, tone: 'danger' };
  return (
    refundOrDisputeText(payment) ??
    statuses().get(status) ?? { label: t`In progress`, tone: 'neutral' }
  );
}

/** A refund or dispute since the payment succeeded; null if there is none. */
export function refundOrDisputeText(payment: Money): StatusText | null {
  if (payment.status !== 'succeeded') return null;
  const dispute = disputeText(payment.dispute_status);
  if (dispute && payment.dispute_status !== 'won') return dispute;
  if (payment.amount_refunded >= payment.amount) return { label: t`Refunded`, tone: 'neutral' };
  if (payment.amount_refunded > 0) return { label: t`Partly refunded`, tone: 'neutral' };
  return dispute;
}

// Stripe's status is from the shop's point of view, so the label says who won or lost.
// https://docs.stripe.com/api/disputes/object#dispute_object-status
function disputeText(status: string | null): StatusText | null {
  switch (status) {
    case null:
    case 'prevented':
    case 'warning_closed':
      return null; // it never became a dispute
    case 'won':
      return { label: t`Dispute won by the shop`, tone: 'neutral' };
    case 'lost':
      return { label: t`Dispute lost by the shop`, tone: 'neutral' };
    case 'warning_needs_response':
    case 'warning_under_review':
      return { label: t`Questioned by your bank`, tone: 'warning' };
    default:
      return { label: t`Disputed`, tone: 'warning' };
  }
}

const RESUMABLE: ReadonlySet<string> = new Set([
  'pending',
  'requires_action',
  'requires_confirmation',
  'requires_payment_method',
]);

/** Whether the customer can still pay. */
export function canBeResumed({ status }: Pick<Payment, 'status'>): boolean {
  return RESUMABLE.has(status);
}

const ENDED: ReadonlySet<string> = new Set(['succeeded', 'canceled', 'refused', 'expired']);

// Stripe's record of it does not match ours, or is gone: the customer may have been charged.
const IN_DOUBT: ReadonlySet<string> = new Set(['mismatched', 'lost_at_stripe']);

/** Whether it is over, and only the shop can find out what became of it. */
export function needsReview({ status }: Pick<Payment, 'status'>): boolean {
  return IN_DOUBT.has(status);
}

/** Whether it is over and nothing was charged. */
export function hasEndedUnpaid({ status }: Pick<Payment, 'status'>): boolean {
  return ENDED.has(status) && status !== 'succeeded';
}

/** Whether the outcome is pending and the customer has nothing to do. */
export function isInProgress({ status }: Pick<Payment, 'status'>): boolean {
  return !ENDED.has(status) && !IN_DOUBT.has(status) && !RESUMABLE.has(status);
}
