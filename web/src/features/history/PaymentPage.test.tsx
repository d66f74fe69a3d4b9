import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen } from '@testing-library/preact';
import { userEvent } from '@testing-library/user-event';
import { afterEach, expect, it } from 'vitest';

import { ApiProvider, createApi, type PaymentWithHistory } from '@/api/client';
import { Route } from '@/lib/routing';

import { PaymentPage } from './PaymentPage';

afterEach(cleanup);

let current: PaymentWithHistory['status'] = 'pending';

function known(): PaymentWithHistory {
  return {
    payment_id: 'pay_1',
    payment_intent_id: null,
    status: current,
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
    amount_refunded: 0,
    dispute_status: null,
    created_at: '2026-11-01T10:00:00.000Z',
    updated_at: '2026-11-01T10:09:00.000Z',
    history: [],
  };
}

function show(
  status: PaymentWithHistory['status'],
  cancel: () => Response = () => Response.json({ ...known(), status: (current = 'canceled') }),
): string[] {
  current = status;
  const sent: string[] = [];
  const tokens = {
    fetchIdToken: () => Promise.resolve('jwt'),
    expire: () => undefined,
    accountBeingDeleted: () => undefined,
  };
  const api = createApi('/v1', tokens, ({ method, url }) => {
    sent.push(`${method} ${new URL(url).pathname}`);
    if (method === 'POST') return Promise.resolve(cancel());
    const isThis = url.endsWith('/payments/pay_1');
    return Promise.resolve(Response.json(isThis ? known() : { data: [], next_cursor: null }));
  });
  history.replaceState(null, '', '/payments/pay_1');
  render(
    <ApiProvider value={api}>
      <QueryClientProvider client={new QueryClient()}>
        <Route path="/payments/:paymentId" component={PaymentPage} />
      </QueryClientProvider>
    </ApiProvider>,
  );
  return sent;
}

it.each([
  ['canceled', 'This payment was cancelled'],
  ['refused', 'The payment provider refused this payment'],
  ['expired', 'This payment could not be started'],
] as const)('offers a new order if the payment is %s', async (status, title) => {
  show(status);

  expect(await screen.findByText(title)).toBeTruthy();
  expect(screen.getByText(/You have not been charged/)).toBeTruthy();
  const link = screen.getByRole('link', { name: 'Place the order again' });
  expect(link.getAttribute('href')).toBe('/checkout/stoneware-mug');
});

it.each(['mismatched', 'lost_at_stripe'] as const)(
  'sends the customer to the shop if the payment is %s, and offers no other payment',
  async (status) => {
    show(status);

    expect(await screen.findByText('The shop has to look at this payment')).toBeTruthy();
    expect(screen.queryByText(/have not been charged/)).toBeNull();
    expect(screen.queryByRole('link', { name: 'Place the order again' })).toBeNull();
    expect(screen.queryByRole('link', { name: 'Continue to payment' })).toBeNull();
  },
);

it('cancels an unfinished purchase, once it has asked', async () => {
  const sent = show('requires_payment_method');
  await userEvent.click(await screen.findByRole('button', { name: 'Cancel this purchase' }));
  expect(sent.filter((each) => each.startsWith('POST'))).toEqual([]);
  await userEvent.click(screen.getByRole('button', { name: 'Yes, cancel it' }));
  const said = await screen.findByText('Your purchase is cancelled. You have not been charged.');
  expect(sent).toContain('POST /v1/payments/pay_1/cancel');
  await screen.findByText('This payment was cancelled');
  expect(document.activeElement?.contains(said)).toBe(true);
  expect(screen.queryByRole('button', { name: /cancel/i })).toBeNull();
});

it('keeps a purchase that somebody did not want to cancel after all', async () => {
  const sent = show('requires_payment_method');
  await userEvent.click(await screen.findByRole('button', { name: 'Cancel this purchase' }));
  await userEvent.click(screen.getByRole('button', { name: 'No, keep it' }));
  await screen.findByRole('button', { name: 'Cancel this purchase' });
  expect(sent.filter((each) => each.startsWith('POST'))).toEqual([]);
});

it('says so when a purchase has been paid meanwhile', async () => {
  const code = 'payment_not_cancelable';
  show('requires_payment_method', () => {
    current = 'succeeded';
    return Response.json(
      { status: 409, code, title: code, detail: '', type: '', instance: '' },
      { status: 409 },
    );
  });
  await userEvent.click(await screen.findByRole('button', { name: 'Cancel this purchase' }));
  await userEvent.click(screen.getByRole('button', { name: 'Yes, cancel it' }));
  await screen.findByText('This payment cannot be cancelled any more');
});

it.each(['succeeded', 'processing', 'canceled'] as const)(
  'offers nothing to cancel when it is %s',
  async (status) => {
    show(status);
    await screen.findByText('Stoneware mug');
    expect(screen.queryByRole('button', { name: 'Cancel this purchase' })).toBeNull();
  },
);
