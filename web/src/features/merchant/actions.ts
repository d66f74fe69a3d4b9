import type { StaffRole } from '@/features/session';

import type { Order, PaymentDetails } from './types';

/** What may be done with a payment now. The API decides; this is what is offered. */
export interface Actions {
  /** How much can be given back at most; 0 if nothing can. */
  readonly refundable: number;
  /** How much can be captured at most; 0 if nothing is held. */
  readonly capturable: number;
  readonly cancelable: boolean;
  /** Why nothing can be given back although it was paid; null if something can. */
  readonly unrefundable: 'disputed' | 'all_refunded' | null;
}

const CANCELABLE: ReadonlySet<string> = new Set([
  'pending',
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
  'requires_capture',
]);

// An inquiry can be refunded, and so can what the bank has given back.
const UNREFUNDABLE_DISPUTES: ReadonlySet<string> = new Set([
  'needs_response',
  'under_review',
  'lost',
]);

export function actionsFor(payment: PaymentDetails, role: StaffRole): Actions {
  const { status, dispute_status: dispute } = payment;
  const isMerchant = role === 'merchant';
  const isDisputed = dispute !== null && UNREFUNDABLE_DISPUTES.has(dispute);
  const isPaid = status === 'succeeded';
  const left = isPaid ? payment.amount_refundable : 0;
  return {
    refundable: isDisputed ? 0 : left,
    capturable: isMerchant && status === 'requires_capture' ? payment.amount_capturable : 0,
    cancelable: isMerchant && CANCELABLE.has(status),
    unrefundable: !isPaid ? null : isDisputed ? 'disputed' : left === 0 ? 'all_refunded' : null,
  };
}

export function canCancelOrder(order: Order, role: StaffRole): boolean {
  return role === 'merchant' && order.status === 'open';
}
