import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen } from '@testing-library/preact';
import { afterEach, expect, it } from 'vitest';

import { ApiProvider, createApi, type PaymentWithHistory } from '@/api/client';
import { Route } from '@/lib/routing';

import { PaymentPage } from './PaymentPage';

afterEach(cleanup);

function show(status: PaymentWithHistory['status']): void {
  const payment: PaymentWithHistory = {
    payment_id: 'pay_1',
    payment_intent_id: null,
    status,
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
  const tokens = {
    fetchIdToken: () => Promise.resolve('jwt'),
    expire: () => undefined,
    accountBeingDeleted: () => undefined,
  };
  const api = createApi('/v1', tokens, ({ url }) =>
    Promise.resolve(
      Response.json(url.endsWith('/payments/pay_1') ? payment : { data: [], next_cursor: null }),
    ),
  );
  history.replaceState(null, '', '/payments/pay_1');
  render(
    <ApiProvider value={api}>
      <QueryClientProvider client={new QueryClient()}>
        <Route path="/payments/:paymentId" component={PaymentPage} />
      </QueryClientProvider>
    </ApiProvider>,
  );
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
