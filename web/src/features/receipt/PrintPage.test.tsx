import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen, within } from '@testing-library/preact';
import { afterEach, expect, it, vi } from 'vitest';

import { ApiProvider, createApi, type PaymentWithHistory } from '@/api/client';
import type { Config, Shop } from '@/lib/config';
import { formatAmount } from '@/lib/money';
import { Route } from '@/lib/routing';
import { ConfigProvider } from '@/lib/useConfig';

import { PrintPage } from './PrintPage';

afterEach(cleanup);

const SHOP: Shop = {
  name: 'Meyer',
  address: 'Hauptstraße 1\n10115 Berlin',
  tax_number: 'DE123456789',
  asks: [],
};

function show(changes: Partial<PaymentWithHistory> = {}): void {
  const payment = {
    payment_id: 'pay_1',
    status: 'succeeded',
    amount: 3290,
    amount_received: 3290,
    amount_refunded: 1000,
    currency: 'eur',
    order_reference: 'R-17',
    lines: [
      {
        product_id: 'mug',
        description: 'Stoneware mug',
        quantity: 2,
        unit_amount: 1200,
        amount: 2400,
      },
    ],
    tax_amount: 500,
    shipping_amount: 490,
    discount_amount: 100,
    payment_method_id: 'pm_1',
    updated_at: '2026-11-30T10:00:00.000Z',
    history: [],
    ...changes,
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
  history.replaceState(null, '', '/payments/pay_1/print');
  render(
    <ConfigProvider value={{ shop: SHOP } as Config}>
      <ApiProvider value={api}>
        <QueryClientProvider client={new QueryClient()}>
          <Route path="/payments/:paymentId/print">
            <PrintPage />
          </Route>
        </QueryClientProvider>
      </ApiProvider>
    </ConfigProvider>,
  );
}

it('says who was paid, for what, and how it adds up', async () => {
  show();
  const receipt = within(await screen.findByRole('region', { name: 'Receipt' }));
  for (const text of ['Meyer', /Hauptstraße 1\s10115 Berlin/, 'Tax number: DE123456789', 'R-17']) {
    expect(receipt.getByText(text)).toBeTruthy();
  }
  const rows = receipt.getAllByRole('row').map((row) =>
    within(row)
      .queryAllByRole('cell')
      .map((cell) => cell.textContent)
      .at(-1),
  );
  const amounts = [2400, 490, 500, -100, 3290, -1000, 2290];
  expect(rows.slice(1)).toEqual(amounts.map((amount) => formatAmount(amount, 'eur')));
});

it('names the payment where there is no order of the merchant', async () => {
  show({ order_reference: null });
  expect(await screen.findByText('pay_1')).toBeTruthy();
});

it('is printed by a button', async () => {
  const print = vi.fn();
  vi.stubGlobal('print', print);
  show();
  (await screen.findByRole('button', { name: 'Print' })).click();
  expect(print).toHaveBeenCalledOnce();
  vi.unstubAllGlobals();
});

it('is no receipt before anything was paid', async () => {
  show({ status: 'requires_confirmation' });
  expect(await screen.findByText('There is no receipt yet')).toBeTruthy();
  expect(screen.queryByRole('table')).toBeNull();
});
