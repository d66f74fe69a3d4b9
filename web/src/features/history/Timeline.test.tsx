import { cleanup, render, screen, within } from '@testing-library/preact';
import { afterEach, describe, expect, it } from 'vitest';

import type { PaymentWithHistory } from '@/api/client';
import { formatAmount } from '@/lib/money';

import { Timeline } from './Timeline';

afterEach(cleanup);

type StatusChange = PaymentWithHistory['history'][number];

const ORDERED = 'You placed the order.';
const TOTAL = formatAmount(2400, 'eur');

/** A payment of €24.00 that went through these statuses, one a minute. */
function payment(statuses: string[], refunded = 0): PaymentWithHistory {
  return {
    payment_id: 'pay_1',
    payment_intent_id: 'pi_1',
    status: 'succeeded',
    amount: 2400,
    currency: 'eur',
    order_id: null,
    order_reference: null,
    lines: [
      {
        product_id: 'stoneware-mug',
        description: 'Stoneware mug',
        quantity: 1,
        unit_amount: 2400,
        amount: 2400,
      },
    ],
    tax_amount: 0,
    shipping_amount: 0,
    discount_amount: 0,
    capture_method: 'automatic',
    amount_capturable: 0,
    capture_before: null,
    amount_received: 0,
    payment_method_id: 'pm_1',
    next_action: null,
    client_secret: null,
    last_payment_error: null,
    amount_refunded: refunded,
    dispute_status: null,
    created_at: '2026-11-01T10:00:00.000Z',
    updated_at: '2026-11-01T10:09:00.000Z',
    history: statuses.map((status, index): StatusChange => ({
      at: `2026-11-01T10:0${index + 1}:00.000Z`,
      from_status: (statuses[index - 1] ?? 'pending') as StatusChange['from_status'],
      to_status: status as StatusChange['to_status'], // or one of tomorrow
      by: 'webhook',
      actor: 'webhook',
    })),
  };
}

function sentences(statuses: string[], refunded = 0): (string | null | undefined)[] {
  render(<Timeline payment={payment(statuses, refunded)} />);
  const lines = within(screen.getByRole('list')).getAllByRole('listitem');
  return lines.map((line) => line.querySelector('p')?.textContent);
}

describe('the timeline of a payment', () => {
  it('tells the story of a payment with a challenge, from the order to the refund', () => {
    expect(
      sentences(
        [
          'requires_confirmation',
          'requires_action',
          'requires_payment_method',
          'requires_action',
          'requires_confirmation',
          'processing',
          'succeeded',
          'refunded',
        ],
        2400,
      ),
    ).toEqual([
      ORDERED,
      'Your bank asked you to confirm the payment.',
      'The payment was declined.',
      'Your bank asked you to confirm the payment.',
      'You confirmed the payment with your bank.',
      'Your bank started processing the payment.',
      `You paid ${TOTAL}.`,
      `You were refunded the full ${TOTAL}.`,
    ]);
  });

  it('shows the refunded total on the last refund', () => {
    expect(
      sentences(['succeeded', 'partially_refunded', 'partially_refunded'], 1000).slice(2),
    ).toEqual([
      'You were partly refunded.',
      `You were refunded ${formatAmount(1000, 'eur')} of ${TOTAL}.`,
    ]);
  });

  it('shows no refunded total after a failed refund', () => {
    expect(sentences(['succeeded', 'partially_refunded', 'refund_failed']).slice(2)).toEqual([
      'You were partly refunded.',
      'A refund did not reach your bank.',
    ]);
  });

  it('shows a pending refund before its amount', () => {
    expect(sentences(['succeeded', 'refund_pending', 'partially_refunded'], 1000).slice(2)).toEqual(
      ['A refund was started.', `You were refunded ${formatAmount(1000, 'eur')} of ${TOTAL}.`],
    );
  });

  it('keeps the refunded total when another refund is pending or cancelled', () => {
    expect(
      sentences(['partially_refunded', 'refund_pending', 'refund_canceled'], 1000).slice(1),
    ).toEqual([
      `You were refunded ${formatAmount(1000, 'eur')} of ${TOTAL}.`,
      'A refund was started.',
      'A refund was cancelled.',
    ]);
  });

  it('has a line for each refused attempt', () => {
    const refused = 'requires_payment_method';
    expect(sentences([refused, refused, refused]).slice(1)).toEqual([
      'The payment was declined.',
      'Another attempt was declined.',
      'Another attempt was declined.',
    ]);
  });

  it('tells of an end of ours, and of what Stripe shows later', () => {
    expect(sentences(['expired', 'succeeded']).slice(1)).toEqual([
      'The payment could not be started. You were not charged.',
      `You paid ${TOTAL}.`,
    ]);
  });

  it.each([
    ['refused', 'The payment provider refused the payment. You were not charged.'],
    ['expired', 'The payment could not be started. You were not charged.'],
    ['mismatched', 'The payment did not match your order. The shop has to check it.'],
    ['lost_at_stripe', 'The payment provider no longer has this payment. Please contact the shop.'],
    ['refund_pending', 'A refund was started.'],
    ['refund_requires_action', 'A refund needs more details from you. Look for an email about it.'],
    ['refund_canceled', 'A refund was cancelled.'],
    ['inquiry', 'Your bank asked the shop about the payment.'],
    ['inquiry_closed', 'Your bank closed its inquiry. The payment stands.'],
    ['canceled', 'The payment was cancelled. You were not charged.'],
    ['disputed', 'The payment was disputed with your bank.'],
    ['dispute_won', 'The dispute was decided in the shop’s favour. The payment stands.'],
    ['dispute_lost', 'The dispute was decided in your favour. Your bank will return the money.'],
    ['dispute_closed', 'The dispute was closed.'],
    ['a_status_of_tomorrow', 'The payment was updated.'],
  ])('describes %s as “%s”', (status, sentence) => {
    expect(sentences([status])).toEqual([ORDERED, sentence]);
  });

  it('has a name, and a time on every line', () => {
    render(<Timeline payment={payment(['requires_confirmation', 'succeeded'])} />);

    const region = screen.getByRole('region', { name: 'What happened' });
    const times = [...region.querySelectorAll('time')].map(({ dateTime }) => dateTime);
    expect(region.querySelector('ol')).not.toBeNull();
    expect(times).toEqual(['2026-11-01T10:00:00.000Z', '2026-11-01T10:02:00.000Z']);
  });

  it('is not shown if the history is not known', () => {
    render(<Timeline payment={payment([])} />);

    expect(screen.queryByRole('region')).toBeNull();
  });
});
