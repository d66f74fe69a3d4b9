import { t } from '@lingui/core/macro';

import { formatAmount } from '@/lib/money';

import type { PaymentDetails, StatusChange } from './types';

/** One line of a payment's history, worded for staff. */
export interface HistoryLine {
  readonly at: string;
  readonly text: string;
  readonly actor: string;
  readonly kind: 'step' | 'paid' | 'refused' | 'returned' | 'disputed';
}

type Wording = Pick<HistoryLine, 'text' | 'kind'>;

const changes = (): Readonly<Record<string, Wording>> => ({
  pending: { text: t`The payment was written down.`, kind: 'step' },
  requires_confirmation: { text: t`It waits for its confirmation.`, kind: 'step' },
  requires_action: { text: t`The bank asked the customer to confirm it.`, kind: 'step' },
  processing: { text: t`The bank is processing it.`, kind: 'step' },
  canceled: { text: t`The payment was cancelled. Nothing was charged.`, kind: 'refused' },
  refused: { text: t`Stripe refused the payment. Nothing was charged.`, kind: 'refused' },
  expired: { text: t`The payment could not be started. Nothing was charged.`, kind: 'refused' },
  hold_expired: {
    text: t`The bank released the money: it was not captured in time.`,
    kind: 'refused',
  },
  mismatched: {
    text: t`Stripe’s payment does not match this one. Look at it in Stripe.`,
    kind: 'disputed',
  },
  lost_at_stripe: { text: t`Stripe no longer shows this payment to us.`, kind: 'disputed' },
  order_canceled_but_paid: {
    text: t`It was paid after its order had been cancelled. Decide about a refund.`,
    kind: 'disputed',
  },
  refund_pending: { text: t`A refund was started. It is not done yet.`, kind: 'step' },
  refund_requires_action: {
    text: t`A refund waits for details from the customer.`,
    kind: 'step',
  },
  partially_refunded: { text: t`A part was refunded.`, kind: 'returned' },
  refund_failed: { text: t`A refund failed. The money is back with you.`, kind: 'refused' },
  refund_canceled: { text: t`A refund was cancelled.`, kind: 'refused' },
  inquiry: { text: t`The bank asked about the payment.`, kind: 'disputed' },
  inquiry_closed: { text: t`The bank closed its inquiry. The payment stands.`, kind: 'step' },
  disputed: { text: t`The customer disputed the payment.`, kind: 'disputed' },
  dispute_won: { text: t`You won the dispute. The payment stands.`, kind: 'paid' },
  dispute_lost: {
    text: t`You lost the dispute. The bank takes the money back.`,
    kind: 'returned',
  },
  review: { text: t`Stripe put it into review. Look at it in Stripe.`, kind: 'disputed' },
  review_closed: { text: t`The review was closed.`, kind: 'step' },
  early_fraud_warning: {
    text: t`The bank believes that it is fraud. Decide about a refund.`,
    kind: 'disputed',
  },
  dispute_closed: { text: t`The dispute was closed.`, kind: 'step' },
});

/** What happened to a payment, oldest first, and who asked for it. */
export function staffHistory(payment: PaymentDetails, ownUserId: string): HistoryLine[] {
  return payment.history.map((change) => ({
    at: change.at,
    ...wordingOf(payment, change),
    actor: actorText(change, ownUserId),
  }));
}

function wordingOf(payment: PaymentDetails, { from_status: from, to_status: to }: StatusChange) {
  const { amount, amount_received: received, amount_refunded: refunded, currency } = payment;
  const money = (minor: number) => formatAmount(minor, currency);
  switch (to) {
    case 'requires_payment_method':
      return from === 'pending'
        ? ({ text: t`It waits for a card.`, kind: 'step' } as const)
        : ({ text: t`The bank declined it.`, kind: 'refused' } as const);
    case 'requires_capture':
      return { text: t`The bank holds ${money(amount)}.`, kind: 'step' } as const;
    case 'succeeded': {
      const paid = money(received || amount);
      const isLess = received > 0 && received < amount;
      return {
        text: isLess ? t`${paid} of ${money(amount)} was paid.` : t`${paid} was paid.`,
        kind: 'paid',
      } as const;
    }
    case 'refunded':
      return { text: t`All of it was refunded: ${money(refunded)}.`, kind: 'returned' } as const;
    default:
      return (
        changes()[to] ??
        ({ text: t`It became “${to.replaceAll('_', ' ')}”.`, kind: 'step' } as const)
      );
  }
}

const ownSteps = (): Readonly<Record<string, string>> => ({
  webhook: t`Stripe`,
  reconcile: t`Till’s reconciliation`,
  replay: t`a replay of Stripe’s events`,
  rebuild: t`a rebuild from Stripe`,
});

/** Who asked for a change, as a colleague would say it. */
export function actorText({ actor, by }: { actor: string; by: string }, ownUserId: string) {
  const [kind, id = ''] = actor.split(/:(.*)/s);
  switch (kind) {
    case '':
      return ownSteps()[by] ?? '';
    case 'person':
      return t`the customer`;
    case 'staff':
      return id === ownUserId ? t`you` : t`staff member ${id}`;
    case 'program':
      return t`program ${id}`;
    default:
      return ownSteps()[actor] ?? actor;
  }
}
