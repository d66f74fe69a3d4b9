import type { Payment } from '@/api/client';

export interface StatusText {
  readonly label: string;
  readonly tone: 'success' | 'warning' | 'danger' | 'neutral';
}

type Money = Pick<Payment, 'status' | 'amount' | 'amount_refunded' | 'dispute_status'>;

const UNDER_WAY: StatusText = { label: 'Under way', tone: 'neutral' };
const NOT_FINISHED: StatusText = { label: 'Not finished', tone: 'warning' };
const STATUSES: ReadonlyMap<string, StatusText> = new Map([
  ['succeeded', { label: 'Paid', tone: 'success' }],
  ['requires_action', { label: 'Waiting for you', tone: 'warning' }],
  ['requires_confirmation', NOT_FINISHED],
  ['requires_payment_method', NOT_FINISHED],
  ['pending', NOT_FINISHED],
  ['canceled', { label: 'Cancelled', tone: 'neutral' }],
]);

/** How a payment stands. */
export function statusText(payment: Money & Pick<Payment, 'last_payment_error'>): StatusText {
  const { status, last_payment_error: error } = payment;
  if (status === 'requires_payment_method' && error) return { label: 'Declined', tone: 'danger' };
  return refundOrDisputeText(payment) ?? STATUSES.get(status) ?? UNDER_WAY;
}

/** What became of the money since it was paid; null while the payment stands as it was made. */
export function refundOrDisputeText(payment: Money): StatusText | null {
  if (payment.status !== 'succeeded') return null;
  const dispute = disputeText(payment.dispute_status);
  if (dispute && payment.dispute_status !== 'won') return dispute;
  if (payment.amount_refunded >= payment.amount) return { label: 'Refunded', tone: 'neutral' };
  if (payment.amount_refunded > 0) return { label: 'Partly refunded', tone: 'neutral' };
  return dispute;
}

// Stripe tells it from the shop's side, and to whom this is shown it is the other one's.
// https://docs.stripe.com/api/disputes/object#dispute_object-status
function disputeText(status: string | null): StatusText | null {
  switch (status) {
    case null:
    case 'prevented':
    case 'warning_closed':
      return null; // it came to no dispute
    case 'won':
      return { label: 'Dispute won by the shop', tone: 'neutral' };
    case 'lost':
      return { label: 'Dispute lost by the shop', tone: 'neutral' };
    default:
      return { label: 'Disputed', tone: 'warning' };
  }
}

const RESUMABLE: ReadonlySet<string> = new Set([
  'pending',
  'requires_action',
  'requires_confirmation',
  'requires_payment_method',
]);

/** Whether the person can still pay it. */
export function canBeResumed({ status }: Pick<Payment, 'status'>): boolean {
  return RESUMABLE.has(status);
}

const ENDED: ReadonlySet<string> = new Set(['succeeded', 'canceled']);

/** Whether it will end without the person: nobody has to do anything. */
export function isUnderWay({ status }: Pick<Payment, 'status'>): boolean {
  return !ENDED.has(status) && !RESUMABLE.has(status);
}
