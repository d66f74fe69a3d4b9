/** The routes under /merchant. */
import { type Api, unwrap, unwrapEmpty } from '@/api/client';
import { sendWithRetries } from '@/api/retry';

import type { RefundRequest } from './refundRequests';
import type { Order, Page, Payment, PaymentDetails, Product, Refund } from './types';

/** What a list is narrowed to, under the names of the API. */
export type Filters = Readonly<Record<string, string>>;

type Send = (
  path: string,
  init?: {
    body?: unknown;
    cache?: RequestCache;
    params?: { path?: unknown; query?: unknown; header?: unknown };
  },
) => Promise<{ data?: unknown; error?: unknown; response: Response }>;

const routes = (api: Api) => api as unknown as Record<'GET' | 'POST' | 'PUT' | 'DELETE', Send>;

async function read<Body>(answer: ReturnType<Send>): Promise<Body> {
  return (await unwrap(answer)) as Body;
}

/** GET /merchant/payments: newest first */
export function searchPayments(
  api: Api,
  filters: Filters,
  cursor: string | null = null,
): Promise<Page<Payment>> {
  return read(routes(api).GET('/merchant/payments', { params: { query: paged(filters, cursor) } }));
}

/** GET /merchant/payments/{payment_id} */
export function getMerchantPayment(api: Api, paymentId: string): Promise<PaymentDetails> {
  return read(
    routes(api).GET('/merchant/payments/{payment_id}', {
      params: { path: { payment_id: paymentId } },
    }),
  );
}

/** GET /merchant/payments/{payment_id}/refunds: newest first, also those of Stripe's dashboard */
export function listRefunds(
  api: Api,
  paymentId: string,
  cursor: string | null,
): Promise<Page<Refund>> {
  return read(
    routes(api).GET('/merchant/payments/{payment_id}/refunds', {
      params: { path: { payment_id: paymentId }, query: paged({}, cursor) },
    }),
  );
}

/** POST /merchant/payments/{payment_id}/refunds: under one key it is one refund, however often it is sent. */
export function createRefund(
  api: Api,
  paymentId: string,
  { amount, reason, note }: RefundRequest,
  idempotencyKey: string,
): Promise<Refund> {
  const body = { amount, ...(reason !== null && { reason }), ...(note !== null && { note }) };
  return sendWithRetries(() =>
    read(
      routes(api).POST('/merchant/payments/{payment_id}/refunds', {
        body,
        params: { path: { payment_id: paymentId }, header: { 'idempotency-key': idempotencyKey } },
      }),
    ),
  );
}

/** POST /merchant/payments/{payment_id}/capture: the same amount again changes nothing. */
export function capturePayment(api: Api, paymentId: string, amount: number): Promise<Payment> {
  return sendWithRetries(() =>
    read(
      routes(api).POST('/merchant/payments/{payment_id}/capture', {
        body: { amount },
        params: { path: { payment_id: paymentId } },
      }),
    ),
  );
}

/** POST /merchant/payments/{payment_id}/cancel: again changes nothing. */
export function cancelPayment(api: Api, paymentId: string): Promise<Payment> {
  return sendWithRetries(() =>
    read(
      routes(api).POST('/merchant/payments/{payment_id}/cancel', {
        body: {},
        params: { path: { payment_id: paymentId } },
      }),
    ),
  );
}

/** GET /merchant/orders: newest first */
export function searchOrders(
  api: Api,
  filters: Filters,
  cursor: string | null = null,
): Promise<Page<Order>> {
  return read(routes(api).GET('/merchant/orders', { params: { query: paged(filters, cursor) } }));
}

/** GET /merchant/orders/{order_id} */
export function getMerchantOrder(api: Api, orderId: string): Promise<Order> {
  return read(
    routes(api).GET('/merchant/orders/{order_id}', { params: { path: { order_id: orderId } } }),
  );
}

/** POST /merchant/orders/{order_id}/cancel: again changes nothing. */
export function cancelOrder(api: Api, orderId: string): Promise<Order> {
  return sendWithRetries(() =>
    read(
      routes(api).POST('/merchant/orders/{order_id}/cancel', {
        body: {},
        params: { path: { order_id: orderId } },
      }),
    ),
  );
}

/** PUT /merchant/products/{product_id} */
export function putProduct(
  api: Api,
  productId: string,
  product: Omit<Product, 'product_id'>,
): Promise<Product> {
  return sendWithRetries(() =>
    read(
      routes(api).PUT('/merchant/products/{product_id}', {
        body: product,
        params: { path: { product_id: productId } },
      }),
    ),
  );
}

/** DELETE /merchant/products/{product_id}: again changes nothing. */
export function deleteProduct(api: Api, productId: string): Promise<void> {
  return sendWithRetries(() =>
    unwrapEmpty(
      routes(api).DELETE('/merchant/products/{product_id}', {
        params: { path: { product_id: productId } },
      }),
    ),
  );
}

const PAGE_SIZE = '100';

export interface Read {
  readonly payments: readonly Payment[];
  /** Whether there are more, which were left out. */
  readonly isCut: boolean;
}

/** Every payment that fits, newest first, up to `most` of them. */
export async function readPayments(
  api: Api,
  filters: Filters,
  {
    most,
    signal,
    onProgress,
  }: { most: number; signal?: AbortSignal; onProgress?: (count: number) => void },
): Promise<Read> {
  const payments: Payment[] = [];
  let cursor: string | null = null;
  do {
    signal?.throwIfAborted();
    const at: string | null = cursor;
    const page: Page<Payment> = await sendWithRetries(() =>
      searchPayments(api, { ...filters, limit: PAGE_SIZE }, at),
    );
    payments.push(...page.data);
    onProgress?.(payments.length);
    cursor = page.next_cursor;
  } while (cursor !== null && payments.length < most);
  return { payments, isCut: cursor !== null };
}

function paged(filters: Filters, cursor: string | null): Filters {
  return cursor === null ? filters : { ...filters, cursor };
}
