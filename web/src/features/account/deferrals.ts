import type { Deferral } from '@/api/client';

/** Why the account is not erased yet, in a sentence. */
export function explainDeferral({ reason, payment_id: paymentId }: Deferral): string {
  const payment = paymentId == null ? 'A payment' : `Payment ${paymentId}`;
  switch (reason) {
    case 'open_payment':
      return `${payment} is not finished.`;
    case 'dispute':
      return `${payment} is disputed.`;
    case 'subscription':
      return 'You have a subscription that has not ended.';
    case 'invoice':
      return 'You have an invoice that has not been paid.';
    default:
      return 'Something at the shop is not finished.';
  }
}
