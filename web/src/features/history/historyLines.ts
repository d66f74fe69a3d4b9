import type { PaymentWithHistory } from '@/api/client';
import { formatAmount } from '@/lib/money';

/** One line of a payment's history, as one would tell it to the person who made it. */
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

/** What happened to a payment, the first thing first; nothing if its history is not known. */
export function historyLines(payment: PaymentWithHistory): readonly HistoryLine[] {
  const { history } = payment;
  if (history.length === 0) return [];
  const lastRefund = history.findLastIndex(({ to_status: status }) => REFUND_STATUSES.has(status));
  return [
    { at: payment.created_at, text: 'You placed the order.', kind: 'step' },
    ...history.flatMap(({ at, from_status: from, to_status: to }, index) => {
      const change = describeChange(payment, from, to, index === lastRefund);
      return change ? [{ at, ...change }] : [];
    }),
  ];
}

/** A change of status in a sentence; null if nobody but machines cares about it. */
function describeChange(
  { amount, amount_refunded: returned, currency }: PaymentWithHistory,
  from: string,
  to: string,
  isLastRefund: boolean,
): Omit<HistoryLine, 'at'> | null {
  switch (to) {
    case 'pending':
      return null;
    case 'requires_confirmation':
      return from === 'requires_action'
        ? { text: 'You confirmed it with your bank.', kind: 'step' }
        : null;
    case 'requires_action':
      return { text: 'Your bank asked you to confirm.', kind: 'step' };
    case 'requires_payment_method':
      return { text: 'The payment was declined.', kind: 'refused' };
    case 'requires_capture':
      return { text: 'Your bank set the money aside.', kind: 'step' };
    case 'processing':
      return { text: 'Your bank began to work on the payment.', kind: 'step' };
    case 'succeeded':
      return { text: `You paid ${formatAmount(amount, currency)}.`, kind: 'paid' };
    case 'canceled':
      return { text: 'The payment was cancelled. Nothing was charged.', kind: 'refused' };
    case 'partially_refunded':
      // Only the sum of all refunds is known, and that is where the last one led to.
      return isLastRefund
        ? {
            text: `You were given back ${formatAmount(returned, currency)} of ${formatAmount(amount, currency)}.`,
            kind: 'returned',
          }
        : { text: 'You were given back a part of the money.', kind: 'returned' };
    case 'refunded':
      return {
        text: `You were given back the whole ${formatAmount(amount, currency)}.`,
        kind: 'returned',
      };
    case 'refund_failed':
      return { text: 'A refund did not reach your bank.', kind: 'refused' };
    case 'disputed':
      return { text: 'The payment was disputed at your bank.', kind: 'disputed' };
    case 'dispute_won':
      return {
        text: 'The dispute was decided in the shop’s favour: the payment stands.',
        kind: 'paid',
      };
    case 'dispute_lost':
      return {
        text: 'The dispute was decided in your favour: your bank returns the money.',
        kind: 'returned',
      };
    case 'dispute_closed':
      return { text: 'The dispute was closed.', kind: 'step' };
    default:
      return { text: 'Something about the payment changed.', kind: 'step' };
  }
}
