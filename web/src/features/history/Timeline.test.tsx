import { cleanup, render, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';

import type { PaymentWithHistory } from '@/api/client';
import { formatAmount } from '@/lib/money';

import { Timeline } from './Timeline';

afterEach(cleanup);

const ORDERED = 'You placed the order.';
const WHOLE = formatAmount(2400, 'eur');

/** A payment of €24.00 that went through these statuses, a minute each. */
function payment(statuses: string[], returned = 0): PaymentWithHistory {
  return {
    payment_id: 'pay_1',
    payment_intent_id: 'pi_1',
    status: 'succeeded',
    amount: 2400,
    currency: 'eur',
    product_id: 'stoneware-mug',
    quantity: 1,
    payment_method_id: 'pm_1',
    next_action: null,
    client_secret: null,
    last_payment_error: null,
    amount_refunded: returned,
    dispute_status: null,
    created_at: '2026-11-01T10:00:00.000Z',
    updated_at: '2026-11-01T10:09:00.000Z',
    history: statuses.map((status, index) => ({
      at: `2026-11-01T10:0${index + 1}:00.000Z`,
      from_status: statuses[index - 1] ?? 'pending',
      to_status: status,
      by: 'webhook',
    })),
  };
}

function told(statuses: string[], returned = 0): (string | null | undefined)[] {
  render(<Timeline payment={payment(statuses, returned)} />);
  const lines = within(screen.getByRole('list')).getAllByRole('listitem');
  return lines.map((line) => line.querySelector('p')?.textContent);
}

describe('the timeline of a payment', () => {
  it('tells a payment that the bank wanted confirmed, from the order to the refund', () => {
    expect(
      told(
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
      'Your bank asked you to confirm.',
      'The payment was declined.',
      'Your bank asked you to confirm.',
      'You confirmed it with your bank.',
      'Your bank began to work on the payment.',
      `You paid ${WHOLE}.`,
      `You were given back the whole ${WHOLE}.`,
    ]);
  });

  it('tells the sum of what was given back where it is known', () => {
    expect(told(['succeeded', 'partially_refunded', 'partially_refunded'], 1000).slice(2)).toEqual([
      'You were given back a part of the money.',
      `You were given back ${formatAmount(1000, 'eur')} of ${WHOLE}.`,
    ]);
  });

  it('names no sum that a refund which failed has changed', () => {
    expect(told(['succeeded', 'partially_refunded', 'refund_failed']).slice(2)).toEqual([
      'You were given back a part of the money.',
      'A refund did not reach your bank.',
    ]);
  });

  it.each([
    ['canceled', 'The payment was cancelled. Nothing was charged.'],
    ['disputed', 'The payment was disputed at your bank.'],
    ['dispute_won', 'The dispute was decided in the shop’s favour: the payment stands.'],
    ['dispute_lost', 'The dispute was decided in your favour: your bank returns the money.'],
    ['dispute_closed', 'The dispute was closed.'],
    ['a_status_of_tomorrow', 'Something about the payment changed.'],
  ])('tells %s as “%s”', (status, sentence) => {
    expect(told([status])).toEqual([ORDERED, sentence]);
  });

  it('gives every line its time, and the list its name', () => {
    render(<Timeline payment={payment(['requires_confirmation', 'succeeded'])} />);

    const region = screen.getByRole('region', { name: 'What happened' });
    const times = [...region.querySelectorAll('time')].map(({ dateTime }) => dateTime);
    expect(region.querySelector('ol')).not.toBeNull();
    expect(times).toEqual(['2026-11-01T10:00:00.000Z', '2026-11-01T10:02:00.000Z']);
  });

  it('is not there while the history is not known', () => {
    render(<Timeline payment={payment([])} />);

    expect(screen.queryByRole('region')).toBeNull();
  });
});
