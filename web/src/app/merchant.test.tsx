import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen, within } from '@testing-library/preact';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { ApiProvider, createApi } from '@/api/client';
import { sleep } from '@/api/retry';
import { aPayment, anOrder, declined, paymentDetails } from '@/features/merchant/testing';
import type { PaymentDetails, Refund } from '@/features/merchant/types';
import type { StaffRole } from '@/features/session';
import { Session } from '@/features/session/session';
import { SessionProvider } from '@/features/session/useSession';

import { Pages } from './Pages';

vi.mock('@/api/retry', async (original) => ({
  ...(await original()),
  sendWithRetries: (request: () => Promise<unknown>) => request(),
}));

type Answer = (body: unknown, query: URLSearchParams) => Response | Promise<Response>;

interface World {
  role?: StaffRole | null;
  answers?: Record<string, Answer>;
  hasOneTimeCodes?: boolean;
  identity?: object;
}

interface Sent {
  readonly what: string;
  readonly query: Record<string, string>;
  readonly body: unknown;
  readonly key: string | null;
}

const NOTHING = { data: [], next_cursor: null };
const PERSON = { userId: 'sam', email: 'sam@example.com', name: 'Sam', beingDeleted: false };
const problem = (status: number, code: string, more = {}) =>
  Response.json({ status, code, title: code, detail: '', ...more }, { status });

/** The console at this address, with these answers of the API; returns what it has sent. */
function show(path: string, { role = 'merchant', answers = {}, ...identity }: World = {}) {
  const sent: Sent[] = [];
  const person = { ...PERSON, ...(role && { staff: role }) };
  localStorage.setItem('till.person', JSON.stringify(person));
  const known = {
    hasOneTimeCodes: () => Promise.resolve(identity.hasOneTimeCodes ?? true),
    logOut: () => Promise.resolve(),
    ...identity.identity,
  };
  const session = new Session(() => Promise.resolve(known as never), localStorage);
  const tokens = {
    fetchIdToken: () => Promise.resolve('jwt'),
    expire: () => undefined,
    accountBeingDeleted: () => undefined,
  };
  const api = createApi('/v1', tokens, async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    const what = `${request.method} ${pathname.replace('/v1', '')}`;
    const text = await request.text();
    const body: unknown = text === '' ? null : JSON.parse(text);
    sent.push({
      what,
      query: Object.fromEntries(searchParams),
      body,
      key: request.headers.get('idempotency-key'),
    });
    return (await answers[what]?.(body, searchParams)) ?? Response.json(NOTHING);
  });
  history.replaceState(null, '', path);
  render(
    <SessionProvider value={session}>
      <ApiProvider value={api}>
        <QueryClientProvider
          client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}
        >
          <Pages />
        </QueryClientProvider>
      </ApiProvider>
    </SessionProvider>,
  );
  return { sent, session, search: () => location.search };
}

const press = async (name: string | RegExp) =>
  userEvent.click(await screen.findByRole('button', { name }));
const question = async (name: RegExp) => within(await screen.findByRole('dialog', { name }));

async function type(label: string, text: string) {
  const field = await screen.findByLabelText(label);
  await userEvent.clear(field);
  if (text !== '') await userEvent.type(field, text);
}

// Loaded once, not within the patience of the first test.
beforeAll(() => import('@/features/merchant/Console'));
beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  vi.spyOn(console, 'error').mockReturnValue();
  vi.stubGlobal('scrollTo', () => undefined);
  // jsdom has no modal dialogs.
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function () {
    this.open = false;
    this.dispatchEvent(new Event('close'));
  };
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

/** A payment at the API, which knows its refunds. */
function paymentAt(changes: Partial<PaymentDetails> = {}) {
  const refunds = new Map<string | null, Refund>();
  const payment = paymentDetails(changes);
  const refunded = () => [...refunds.values()].reduce((sum, { amount }) => sum + amount, 0);
  const answers: Record<string, Answer> = {
    'GET /merchant/payments/pay_1': () =>
      Response.json({
        ...payment,
        amount_refunded: refunded(),
        amount_refundable: payment.amount_refundable - refunded(),
      }),
    'GET /merchant/payments/pay_1/refunds': () =>
      Response.json({ data: [...refunds.values()], next_cursor: null }),
  };
  const refund = (
    key: string | null,
    amount: number,
    status: Refund['status'] = 'succeeded',
  ): Refund => {
    const made = refunds.get(key) ?? {
      refund_id: `ref_${refunds.size + 1}`,
      payment_id: payment.payment_id,
      amount,
      currency: payment.currency,
      status,
      reason: null,
      note: null,
      failure_reason: null,
      actor: 'staff:sam',
      created_at: '2026-11-27T11:00:00.000Z',
      updated_at: '2026-11-27T11:00:00.000Z',
    };
    refunds.set(key, made);
    return made;
  };
  return { answers, refund };
}

const POST_REFUND = 'POST /merchant/payments/pay_1/refunds';

describe('a refund', () => {
  it('asks first, with the amount spelt out, and says what became of it', async () => {
    const { answers, refund } = paymentAt();
    const { sent } = show('/merchant/payments/pay_1', {
      role: 'support',
      answers: { ...answers, [POST_REFUND]: () => Response.json(refund('x', 1000)) },
    });
    await type('Amount in EUR', '10');
    await userEvent.selectOptions(screen.getByLabelText(/Reason/), 'duplicate');
    await userEvent.type(screen.getByLabelText(/Note/), ' Broken ');
    await press('Refund …');
    const dialog = await question(/^Refund €10\.00 \(10\.00 euros\)\?$/);
    expect(sent.some(({ what }) => what === POST_REFUND)).toBe(false);
    expect(dialog.getByText(/€14\.00 can still be refunded after this/)).toBeTruthy();

    await press('Refund €10.00');

    expect(await screen.findByText('€10.00 was refunded.')).toBeTruthy();
    expect(sent.find(({ what }) => what === POST_REFUND)).toMatchObject({
      body: { amount: 1000, reason: 'duplicate', note: 'Broken' },
      key: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    });
    const field = await screen.findByLabelText<HTMLInputElement>('Amount in EUR');
    expect(field.value).toBe('14.00');
    expect(document.activeElement?.textContent).toBe('€10.00 was refunded.');
  });

  it('tells who asked for it, and whose payment it is', async () => {
    const { answers, refund } = paymentAt({ email: 'ada@example.com' });
    refund('mine', 100);
    Object.assign(refund('theirs', 200), { actor: 'program:shop' });
    Object.assign(refund('dashboard', 300), { actor: null });
    show('/merchant/payments/pay_1', { answers });
    const list = within(await screen.findByRole('region', { name: 'Refunds' }));
    expect(await list.findByText(/by you/)).toBeTruthy();
    expect(list.getByText(/by program shop/)).toBeTruthy();
    expect(list.getByText(/made at Stripe/)).toBeTruthy();
    expect(screen.getByRole('link', { name: 'ada@example.com' })).toBeTruthy();
  });

  it('is sent once, however often the button is pressed', async () => {
    const { answers, refund } = paymentAt();
    const { sent } = show('/merchant/payments/pay_1', {
      answers: {
        ...answers,
        [POST_REFUND]: async () => {
          await sleep(50);
          return Response.json(refund('x', 2400));
        },
      },
    });
    await press('Refund …');
    const button = await screen.findByRole('button', { name: 'Refund €24.00' });
    await userEvent.dblClick(button);
    await screen.findByText('€24.00 was refunded.');
    expect(sent.filter(({ what }) => what === POST_REFUND)).toHaveLength(1);
  });

  it.each([
    ['a lost answer', 'The connection was lost', () => Promise.reject(new TypeError('fetch'))],
    ['a failure of ours', 'Something went wrong', () => problem(500, 'internal_error')],
  ])('is the same one after %s and a reload', async (_, title, answer) => {
    const { answers, refund } = paymentAt();
    const lost = show('/merchant/payments/pay_1', {
      answers: {
        ...answers,
        [POST_REFUND]: () => {
          refund('first', 500);
          return answer();
        },
      },
    });
    await type('Amount in EUR', '5');
    await press('Refund …');
    await press('Refund €5.00');
    expect(await screen.findByText(title)).toBeTruthy();
    const [first] = lost.sent.filter(({ what }) => what === POST_REFUND);
    cleanup();

    const again = show('/merchant/payments/pay_1', {
      answers: { ...answers, [POST_REFUND]: () => Response.json(refund('first', 500)) },
    });
    expect(
      await screen.findByText(/Your last refund here, of €5\.00, has had no answer/),
    ).toBeTruthy();
    await screen.findByRole('heading', { name: 'Refunds' });
    await press('Refund …');
    await press('Refund €5.00');
    expect(await screen.findByText(/This refund of €5\.00 had already been made/)).toBeTruthy();
    const [second] = again.sent.filter(({ what }) => what === POST_REFUND);
    expect(second?.key).toBe(first?.key);
  });

  it('that Stripe has not done yet is not told as done', async () => {
    const { answers, refund } = paymentAt();
    show('/merchant/payments/pay_1', {
      answers: { ...answers, [POST_REFUND]: () => Response.json(refund('x', 2400, 'pending')) },
    });
    await press('Refund …');
    await press('Refund €24.00');
    expect(await screen.findByText(/was started\. It is not done yet/)).toBeTruthy();
    expect(screen.queryByText('€24.00 was refunded.')).toBeNull();
  });

  it.each([
    ['24.01', 'Enter €24.00 at most.'],
    ['1,234', 'Enter an amount such as 12.50.'],
    ['0', 'Enter more than nothing.'],
  ])('of %s is refused before it is asked for', async (typed, message) => {
    show('/merchant/payments/pay_1', { answers: paymentAt().answers });
    await type('Amount in EUR', typed);
    await press('Refund …');
    expect(await screen.findByText(message)).toBeTruthy();
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('says so if somebody else was faster', async () => {
    show('/merchant/payments/pay_1', {
      answers: { ...paymentAt().answers, [POST_REFUND]: () => problem(422, 'amount_too_large') },
    });
    await press('Refund …');
    await press('Refund €24.00');
    expect(await screen.findByText('That is more than there is')).toBeTruthy();
    expect(sessionStorage).toHaveLength(0); // the next one is another refund
  });

  it('has no decimals in yen', async () => {
    const { answers } = paymentAt({ currency: 'jpy', amount_received: 2400, amount: 2400 });
    show('/merchant/payments/pay_1', { answers });
    const field = await screen.findByLabelText<HTMLInputElement>('Amount in JPY');
    expect(field.value).toBe('2400');
    await press('Refund …');
    await question(/^Refund ¥2,400 \(2,400 Japanese yen\)\?$/);
  });
});

describe('money that is held', () => {
  const held = {
    status: 'requires_capture',
    amount_received: 0,
    amount_capturable: 2400,
    capture_before: '2026-12-04T10:00:00.000Z',
    amount_refundable: 0,
  } as const;

  it('is captured in part, which the question spells out', async () => {
    const { answers } = paymentAt(held);
    const { sent } = show('/merchant/payments/pay_1', {
      answers: {
        ...answers,
        'POST /merchant/payments/pay_1/capture': () => Response.json(aPayment()),
      },
    });
    await type('Amount in EUR', '20');
    await press('Capture …');
    const dialog = await question(/^Capture €20\.00 \(20\.00 euros\)\?$/);
    expect(dialog.getByText(/The other €4\.00 goes back to the customer/)).toBeTruthy();
    await press('Capture €20.00');
    expect(await screen.findByText('€20.00 was captured.')).toBeTruthy();
    expect(sent.find(({ what }) => what.endsWith('/capture'))?.body).toEqual({ amount: 2000 });
  });

  it('is let go by cancelling', async () => {
    const { answers } = paymentAt(held);
    const { sent } = show('/merchant/payments/pay_1', {
      answers: {
        ...answers,
        'POST /merchant/payments/pay_1/cancel': () => Response.json(aPayment()),
      },
    });
    await press('Cancel the payment …');
    await question(/^Cancel the payment of €24\.00 \(24\.00 euros\)\?$/);
    await press('Cancel the payment');
    expect(await screen.findByText('The payment was cancelled.')).toBeTruthy();
    expect(sent.find(({ what }) => what.endsWith('/cancel'))?.body).toEqual({});
  });

  it('is nothing that support may touch', async () => {
    show('/merchant/payments/pay_1', { role: 'support', answers: paymentAt(held).answers });
    expect(
      await screen.findByText('There is nothing that you can do with this payment now.'),
    ).toBeTruthy();
    expect(screen.queryByRole('button', { name: /Capture|Cancel/ })).toBeNull();
  });

  it('stays where it is if the answer to the question is no', async () => {
    const { sent } = show('/merchant/payments/pay_1', { answers: paymentAt(held).answers });
    await press('Capture …');
    await press('Go back');
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(sent.every(({ what }) => what.startsWith('GET'))).toBe(true);
  });
});

it('says that a payment was paid after its order had been cancelled', async () => {
  const { answers } = paymentAt({ order_closed: 'canceled' });
  show('/merchant/payments/pay_1', { answers });
  expect(await screen.findByText('It was paid although its order had been cancelled')).toBeTruthy();
});

it('says why a payment was declined, and whether trying again may help', async () => {
  const { answers } = paymentAt({ ...declined('insufficient_funds'), amount_refundable: 0 });
  show('/merchant/payments/pay_1', { answers });
  expect(
    await screen.findByText('Insufficient funds. Trying again with this card does not help.'),
  ).toBeTruthy();
});

describe('the search', () => {
  it('sends whole days of this time zone, and keeps the search in the address', async () => {
    const { sent, search } = show('/merchant/payments', {
      answers: {
        'GET /merchant/payments': () => Response.json({ ...NOTHING, data: [aPayment()] }),
      },
    });
    await type('Order reference', ' A-17 ');
    await type('From', '2026-11-01');
    await type('To', '2026-11-02');
    await userEvent.selectOptions(screen.getByLabelText(/Status/), 'Paid');
    await press('Search');
    expect(await screen.findByRole('link', { name: 'A-17' })).toBeTruthy();
    expect(sent.at(-1)?.query).toEqual({
      order_reference: 'A-17',
      status: 'succeeded',
      from: new Date(2026, 10, 1).toISOString(),
      to: new Date(2026, 10, 3).toISOString(),
    });
    expect(search()).toBe('?order_reference=A-17&status=succeeded&from=2026-11-01&to=2026-11-02');
  });

  it('shows a page after the other', async () => {
    const page = (id: string, cursor: string | null) =>
      Response.json({
        data: [aPayment({ payment_id: id, order_reference: id })],
        next_cursor: cursor,
      });
    show('/merchant/payments?status=succeeded', {
      answers: {
        'GET /merchant/payments': (_, query) =>
          query.get('cursor') === 'more' ? page('older', null) : page('newer', 'more'),
      },
    });
    await press('Show more payments');
    expect(await screen.findByRole('link', { name: 'older' })).toBeTruthy();
    expect(screen.getByRole('link', { name: 'newer' })).toBeTruthy();
  });

  it('says what is wrong with it', async () => {
    show('/merchant/payments?user_id=nobody', {
      answers: {
        'GET /merchant/payments': () =>
          problem(422, 'validation_error', {
            title: 'This is not valid',
            errors: [{ field: 'status', message: 'not with an email' }],
          }),
      },
    });
    expect(await screen.findByText('This is not valid')).toBeTruthy();
    expect(screen.getByText('status: not with an email')).toBeTruthy();
  });
});

describe('the overview', () => {
  const now = new Date();
  const daysAgo = (days: number) =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() - days, 12).toISOString();

  it('draws what was paid in each currency, also on days without payments', async () => {
    show('/merchant?days=7', {
      answers: {
        'GET /merchant/payments': (_, query) =>
          query.has('status')
            ? Response.json(NOTHING)
            : Response.json({
                data: [
                  aPayment({ created_at: daysAgo(0), currency: 'jpy', amount_received: 1500 }),
                  aPayment({ created_at: daysAgo(2) }),
                  aPayment({ created_at: daysAgo(2) }),
                  declined('insufficient_funds', { created_at: daysAgo(3) }),
                ],
                next_cursor: null,
              }),
      },
    });
    const euro = within(await screen.findByRole('figure', { name: /^Euro/ }));
    expect(euro.getAllByText('€48.00')).toHaveLength(2); // the total, and its day
    expect(euro.getByRole('img').querySelectorAll('rect')).toHaveLength(7);
    expect(euro.getAllByRole('row', { hidden: true })).toHaveLength(8);
    expect(euro.getAllByText('€0.00')).toHaveLength(6);
    expect(within(screen.getByRole('figure', { name: /Yen/ })).getAllByText('¥1,500')).toHaveLength(
      2,
    );
    expect(screen.getByText('25%')).toBeTruthy();
    expect(screen.getByText('Insufficient funds')).toBeTruthy();
    expect(screen.getByText('No money is held.')).toBeTruthy();
  });

  it('reads thousands of payments page by page, and leaves out days that it has not read', async () => {
    const { sent } = show('/merchant?days=7', {
      answers: {
        'GET /merchant/payments': (_, query) =>
          query.has('status')
            ? Response.json(NOTHING)
            : Response.json({
                data: Array.from({ length: 100 }, (_each, index) =>
                  aPayment({
                    payment_id: `pay_${query.get('cursor')}_${index}`,
                    created_at: daysAgo(Math.floor(Number(query.get('cursor') ?? 0) / 20)),
                  }),
                ),
                next_cursor: String(Number(query.get('cursor') ?? 0) + 1),
              }),
      },
    });
    const euro = within(await screen.findByRole('figure', { name: /^Euro/ }));
    expect(screen.getByText(/There are more than 5000 payments in these days/)).toBeTruthy();
    // Days 0 and 1 have 2000 each; of day 2, 1000 were read.
    expect(euro.getByText('4000 payments')).toBeTruthy();
    expect(euro.getByRole('img').querySelectorAll('rect')).toHaveLength(2);
    expect(sent.filter(({ query }) => query.limit === '100' && !query.status)).toHaveLength(50);
  });

  it('shows what waits, the next deadline first', async () => {
    const held = (id: string, deadline: string) =>
      aPayment({
        payment_id: id,
        order_reference: id,
        status: 'requires_capture',
        amount_capturable: 700,
        capture_before: deadline,
      });
    const dispute = {
      dispute_id: 'du_1',
      status: 'needs_response',
      amount: 2400,
      currency: 'eur',
      reason: 'fraudulent',
      evidence_due_by: '2020-01-01T00:00:00.000Z',
      created_at: null,
    } as const;
    show('/merchant', {
      answers: {
        'GET /merchant/payments': (_, query) => {
          const status = query.get('status');
          const data =
            status === 'requires_capture'
              ? [held('later', '2100-01-02T00:00:00Z'), held('sooner', '2100-01-01T00:00:00Z')]
              : status === 'disputed'
                ? [aPayment({ dispute_status: 'needs_response', disputes: [dispute] })]
                : [];
          return Response.json({ data, next_cursor: null });
        },
      },
    });
    const capture = within(await screen.findByRole('region', { name: 'Waiting for capture' }));
    expect(await capture.findByText('€14.00')).toBeTruthy();
    const deadlines = within(capture.getByRole('list', { name: 'The next deadlines' }));
    expect(deadlines.getAllByRole('link').map(({ textContent }) => textContent)).toEqual([
      'sooner',
      'later',
    ]);
    const disputes = within(screen.getByRole('region', { name: 'Disputes' }));
    expect(await disputes.findByText('Disputed: answer it')).toBeTruthy();
    expect(disputes.getByText(/It ended on/)).toBeTruthy();
    expect(await screen.findByText('Nothing was paid on these days.')).toBeTruthy();
  });
});

describe('an order', () => {
  it('is shown with its sum, and cancelled', async () => {
    const { sent } = show('/merchant/orders/ord_1', {
      answers: {
        'GET /merchant/orders/ord_1': () => Response.json(anOrder()),
        'POST /merchant/orders/ord_1/cancel': () => Response.json(anOrder({ status: 'canceled' })),
      },
    });
    const table = within(await screen.findByRole('table'));
    expect(table.getByRole('row', { name: 'Delivery €5.00' })).toBeTruthy();
    expect(table.getByRole('row', { name: 'Discount -€1.00' })).toBeTruthy();
    expect(table.getByRole('row', { name: 'Total €28.00' })).toBeTruthy();
    expect(screen.getByText(/program shop-backend/)).toBeTruthy();
    await press('Cancel the order …');
    await question(/^Cancel the order of €28\.00/);
    await press('Cancel the order');
    expect(await screen.findByText('The order was cancelled.')).toBeTruthy();
    expect(sent.find(({ what }) => what.startsWith('POST'))?.body).toEqual({});
  });

  it('is found by its reference and its day', async () => {
    const { sent } = show('/merchant/orders', {
      answers: { 'GET /merchant/orders': () => Response.json({ ...NOTHING, data: [anOrder()] }) },
    });
    await type('Order reference', 'A-17');
    await type('From', '2026-11-01');
    await press('Search');
    expect(await screen.findByRole('link', { name: 'A-17' })).toBeTruthy();
    expect(sent.at(-1)?.query).toEqual({
      order_reference: 'A-17',
      from: new Date(2026, 10, 1).toISOString(),
    });
  });
});

describe('the catalogue', () => {
  const mug = {
    product_id: 'mug',
    name: 'Mug',
    description: '',
    image_url: null,
    prices: { eur: 1200, jpy: 1800 },
    active: true,
  };
  const cup = { ...mug, product_id: 'cup', name: 'Cup', active: false };
  const answers: Record<string, Answer> = {
    'GET /merchant/products': (_body, query) => {
      const id = query.get('product_id');
      const data = [mug, cup].filter(({ product_id: each }) => id === null || each === id);
      return Response.json({ data, next_cursor: null });
    },
    'PUT /merchant/products/mug': (body) =>
      Response.json({ product_id: 'mug', ...(body as object) }),
    'DELETE /merchant/products/mug': () => Response.json({ product_id: 'mug', active: false }),
  };

  it('saves prices in each currency’s own decimals', async () => {
    const { sent } = show('/merchant/catalogue/mug', { answers });
    const euro = within(await screen.findByRole('group', { name: 'Price 1' }));
    await userEvent.clear(euro.getByLabelText('Amount'));
    await userEvent.type(euro.getByLabelText('Amount'), '12,50');
    await press('Add a currency');
    const dinar = within(screen.getByRole('group', { name: 'Price 3' }));
    await userEvent.selectOptions(dinar.getByLabelText('Currency'), 'kwd');
    await userEvent.type(dinar.getByLabelText('Amount'), '4.5');
    await press('Save');
    expect(await screen.findByText(/“Mug” was saved/)).toBeTruthy();
    expect(sent.find(({ what }) => what.startsWith('PUT'))?.body).toEqual({
      name: 'Mug',
      description: '',
      image_url: null,
      prices: { eur: 1250, jpy: 1800, kwd: 4500 },
      active: true,
    });
  });

  it('says at the field what is wrong with a price', async () => {
    show('/merchant/catalogue/mug', {
      answers: {
        ...answers,
        'PUT /merchant/products/mug': () =>
          problem(422, 'validation_error', {
            errors: [{ field: 'prices.jpy', message: 'must be at least 50 JPY' }],
          }),
      },
    });
    await press('Save');
    expect(await screen.findByText('must be at least 50 JPY')).toBeTruthy();
    const yen = within(screen.getByRole('group', { name: 'Price 2' }));
    expect(yen.getByLabelText('Amount').getAttribute('aria-invalid')).toBe('true');
  });

  it('takes a product off sale, once asked', async () => {
    const { sent } = show('/merchant/catalogue/mug', { answers });
    await press('Take off sale …');
    await question(/^Take “Mug” off sale/);
    await press('Take off sale');
    expect(await screen.findByText(/was taken off sale/)).toBeTruthy();
    expect(sent.filter(({ what }) => what.startsWith('DELETE'))).toHaveLength(1);
  });

  it('has what is off sale too, by name, and puts it on sale again', async () => {
    const { sent } = show('/merchant/catalogue', {
      answers: {
        ...answers,
        'PUT /merchant/products/cup': (body) =>
          Response.json({ product_id: 'cup', ...(body as object) }),
      },
    });
    const rows = await within(await screen.findByRole('list', { name: 'Products' })).findAllByText(
      /^(Mug|Cup|Off sale)$/,
    );
    expect(rows.map((each) => each.textContent)).toEqual(['Cup', 'Off sale', 'Mug']);
    await userEvent.click(screen.getByRole('link', { name: 'Cup' }));
    expect(await screen.findByText(/Saving it puts it on sale again/)).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Take off sale …' })).toBeNull();
    await press('Save');
    expect(await screen.findByText(/“Cup” was saved/)).toBeTruthy();
    expect(sent.find(({ what }) => what.startsWith('PUT'))?.body).toMatchObject({ active: true });
  });

  it('says so if there is no such product', async () => {
    show('/merchant/catalogue/unicorn', { answers });
    expect(await screen.findByText('There is no product with this ID.')).toBeTruthy();
  });

  it('is only looked at by support', async () => {
    show('/merchant/catalogue', { role: 'support', answers });
    expect(await screen.findByText('Mug')).toBeTruthy();
    expect(screen.getAllByText('¥1,800')).toHaveLength(2);
    expect(screen.queryByRole('link', { name: /Mug|Add a product/ })).toBeNull();
  });
});

describe('one-time codes', () => {
  const identity = {
    startOneTimeCodes: () =>
      Promise.resolve({ secret: 'JBSWY3DPEHPK3PXP', uri: 'otpauth://totp/Till:sam' }),
    verifyOneTimeCodes: vi.fn(() => Promise.resolve()),
  };

  it('are set up before anything is shown, and then asked for at log-in', async () => {
    const { sent, session } = show('/merchant/payments', { hasOneTimeCodes: false, identity });
    expect(await screen.findByText('JBSWY3DPEHPK3PXP')).toBeTruthy();
    expect(screen.getByRole('img', { name: 'QR code for your app' })).toBeTruthy();
    expect(screen.queryByRole('navigation', { name: 'Console' })).toBeNull();
    await type('Six digits', '123 456');
    await press('Finish');
    expect(await screen.findByRole('heading', { name: 'Log in' })).toBeTruthy();
    expect(identity.verifyOneTimeCodes).toHaveBeenCalledWith('123456');
    expect(session.state()).toEqual({ status: 'anonymous' });
    expect(sent).toEqual([]);
  });
});

it('says so if the API refuses somebody', async () => {
  show('/merchant/payments', {
    answers: { 'GET /merchant/payments': () => problem(403, 'not_allowed') },
  });
  expect(await screen.findByText('You may not do this')).toBeTruthy();
});

it('does not exist for shoppers, and has a link for staff only', async () => {
  show('/merchant', { role: null });
  expect(await screen.findByRole('heading', { name: 'Page not found' })).toBeTruthy();
  expect(screen.queryByRole('link', { name: 'Console' })).toBeNull();
  cleanup();

  show('/merchant', { role: 'support' });
  expect(await screen.findByRole('heading', { name: 'Overview' })).toBeTruthy();
  expect(screen.getByRole('link', { name: 'Console' })).toBeTruthy();
});
