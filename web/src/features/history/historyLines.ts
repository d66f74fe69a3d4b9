import { t } from '@lingui/core/macro';

import type { PaymentWithHistory } from '@/api/client';
import { formatAmount } from '@/lib/money';

/** One line of a payment's history, worded for the customer. */
export interface HistoryLine {
  readonly at: string;
  readonly text: string;
  readonly kind: 'step' | 'paid' | 'refused' | 'returned' | 'disputed';
}

const REFUND_STATUSES: ReadonlySet<string> = new Set([
  'partially_refunded',
  'refunded',
  'refund_failed',
]);

/** What happened to a payment, oldest first; empty if its history is not known. */
export function historyLines(payment: PaymentWithHistory): readonly HistoryLine[] {
  const { history } = payment;
  if (history.length === 0) return [];
  const lastRefund = history.findLastIndex(({ to_status: status }) => REFUND_STATUSES.has(status));
  return [
    { at: payment.created_at, text: t`You placed the order.`, kind: 'step' },
    ...history.flatMap(({ at, from_status: from, to_status: to }, index) => {
      const change = describeChange(payment, from, to, index === lastRefund);
      return change ? [{ at, ...change }] : [];
    }),
  ];
}

/** A change of status as a sentence; null if it means nothing to the customer. */
function describeChange(
  { amount, amount_refunded: refunded, currency }: PaymentWithHistory,
  from: string,
  to: string,
  isLastRefund: boolean,
): Omit<HistoryLine, 'at'> | null {
  switch (to) {
    case 'pending':
      return null;
    case 'requires_confirmation':
      return from === 'requires_action'
        ? { text: t`You confirmed the payment with your bank.`, kind: 'step' }
        : null;
    case 'requires_action':
      return { text: t`Your bank asked you to confirm the payment.`, kind: 'step' };
    case 'requires_payment_method':
      return {
        text: from === to ? t`Another attempt was declined.` : t`The payment was declined.`,
        kind: 'refused',
      };
    case 'requires_capture':
      return { text: t`Your bank reserved the money.`, kind: 'step' };
    case 'processing':
      return { text: t`Your bank started processing the payment.`, kind: 'step' };
    case 'succeeded':
      return { text: t`You paid ${formatAmount(amount, currency)}.`, kind: 'paid' };
    case 'canceled':
      return { text: t`The payment was cancelled. You were not charged.`, kind: 'refused' };
    case 'refused':
      return {
        text: t`The payment provider refused the payment. You were not charged.`,
        kind: 'refused',
      };
    case 'expired':
      return { text: t`The payment could not be started. You were not charged.`, kind: 'refused' };
    case 'mismatched':
      return {
        text: t`The payment did not match your order. The shop has to check it.`,
        kind: 'disputed',
      };
    case 'lost_at_stripe':
      return {
        text: t`The payment provider no longer has this payment. Please contact the shop.`,
        kind: 'disputed',
      };
    case 'refund_pending':
      return { text: t`A refund was started.`, kind: 'step' };
    case 'refund_requires_action':
      return {
        text: t`A refund needs more details from you. Look for an email about it.`,
        kind: 'step',
      };
    case 'partially_refunded':
      // We only know the total of all refunds, so only the last line can show an amount.
      return isLastRefund
        ? {
            text: t`You were refunded ${formatAmount(refunded, currency)} of ${formatAmount(amount, currency)}.`,
            kind: 'returned',
          }
        : { text: t`You were partly refunded.`, kind: 'returned' };
    case 'refunded':
      return {
        text: t`You were refunded the full ${formatAmount(amount, currency)}.`,
        kind: 'returned',
      };
    case 'refund_failed':
      return { text: t`A refund did not reach your bank.`, kind: 'refused' };
    case 'refund_canceled':
      return { text: t`A refund was cancelled.`, kind: 'refused' };
    case 'inquiry':
      return { text: t`Your bank asked the shop about the payment.`, kind: 'disputed' };
    case 'inquiry_closed':
      return { text: t`Your bank closed its inquiry. The payment stands.`, kind: 'step' };
    case 'disputed':
      return { text: t`The payment was disputed with your bank.`, kind: 'disputed' };
    case 'dispute_won':
      return {
        text: t`The dispute was decided in the shop’s favour. The payment stands.`,
        kind: 'paid',
      };
    case 'dispute_lost':
      return {
        text: t`The dispute was decided in your favour. Your bank will return the money.`,
        kind: 'returned',
      };
    case 'dispute_closed':
      return { text: t`The dispute was closed.`, kind: 'step' };
    default:
      return { text: t`The payment was updated.`, kind: 'step' };
  }
}
