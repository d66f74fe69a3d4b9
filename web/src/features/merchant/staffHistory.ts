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

const CHANGES: Readonly<Record<string, Wording>> = {
  pending: { text: 'The payment was written down.', kind: 'step' },
  requires_confirmation: { text: 'It waits for its confirmation.', kind: 'step' },
  requires_action: { text: 'The bank asked the customer to confirm it.', kind: 'step' },
  processing: { text: 'The bank is processing it.', kind: 'step' },
  canceled: { text: 'The payment was cancelled. Nothing was charged.', kind: 'refused' },
  refused: { text: 'Stripe refused the payment. Nothing was charged.', kind: 'refused' },
  expired: { text: 'The payment could not be started. Nothing was charged.', kind: 'refused' },
  hold_expired: {
    text: 'The bank released the money: it was not captured in time.',
    kind: 'refused',
  },
  mismatched: {
    text: 'Stripe’s payment does not match this one. Look at it in Stripe.',
    kind: 'disputed',
  },
  lost_at_stripe: { text: 'Stripe no longer shows this payment to us.', kind: 'disputed' },
  order_canceled_but_paid: {
    text: 'It was paid after its order had been cancelled. Decide about a refund.',
    kind: 'disputed',
  },
  refund_pending: { text: 'A refund was started. It is not done yet.', kind: 'step' },
  refund_requires_action: { text: 'A refund waits for details from the customer.', kind: 'step' },
  partially_refunded: { text: 'A part was refunded.', kind: 'returned' },
  refund_failed: { text: 'A refund failed. The money is back with you.', kind: 'refused' },
  refund_canceled: { text: 'A refund was cancelled.', kind: 'refused' },
  inquiry: { text: 'The bank asked about the payment.', kind: 'disputed' },
  inquiry_closed: { text: 'The bank closed its inquiry. The payment stands.', kind: 'step' },
  disputed: { text: 'The customer disputed the payment.', kind: 'disputed' },
  dispute_won: { text: 'You won the dispute. The payment stands.', kind: 'paid' },
  dispute_lost: { text: 'You lost the dispute. The bank takes the money back.', kind: 'returned' },
  dispute_closed: { text: 'The dispute was closed.', kind: 'step' },
};

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
        ? ({ text: 'It waits for a card.', kind: 'step' } as const)
        : ({ text: 'The bank declined it.', kind: 'refused' } as const);
    case 'requires_capture':
      return { text: `The bank holds ${money(amount)}.`, kind: 'step' } as const;
    case 'succeeded': {
      const less = received > 0 && received < amount ? ` of ${money(amount)}` : '';
      return { text: `${money(received || amount)}${less} was paid.`, kind: 'paid' } as const;
    }
    case 'refunded':
      return { text: `All of it was refunded: ${money(refunded)}.`, kind: 'returned' } as const;
    default:
      return (
        CHANGES[to] ?? ({ text: `It became “${to.replaceAll('_', ' ')}”.`, kind: 'step' } as const)
      );
  }
}

const OWN_STEPS: Readonly<Record<string, string>> = {
  webhook: 'Stripe',
  reconcile: 'Till’s reconciliation',
  replay: 'a replay of Stripe’s events',
  rebuild: 'a rebuild from Stripe',
};

/** Who asked for a change, as a colleague would say it. */
export function actorText({ actor, by }: { actor: string; by: string }, ownUserId: string) {
  const [kind, id = ''] = actor.split(/:(.*)/s);
  switch (kind) {
    case '':
      return OWN_STEPS[by] ?? '';
    case 'person':
      return 'the customer';
    case 'staff':
      return id === ownUserId ? 'you' : `staff member ${id}`;
    case 'program':
      return `program ${id}`;
    default:
      return OWN_STEPS[actor] ?? actor;
  }
}
