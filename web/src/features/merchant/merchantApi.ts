/** The routes under /merchant. */
import { type Api, unwrap } from '@/api/client';
import { sendWithRetries } from '@/api/retry';

import type { RefundRequest } from './refundRequests';
import type { OrderFilters, Page, Payment, PaymentFilters, ProductChange } from './types';

/** GET /merchant/payments: newest first */
export function searchPayments(api: Api, filters: PaymentFilters, cursor: string | null) {
  const query = { ...filters, ...(cursor !== null && { cursor }) };
  return unwrap(api.GET('/merchant/payments', { params: { query } }));
}

/** GET /merchant/payments/{payment_id} */
export function getMerchantPayment(api: Api, paymentId: string) {
  const path = { payment_id: paymentId };
  return unwrap(api.GET('/merchant/payments/{payment_id}', { params: { path } }));
}

/** GET /merchant/payments/{payment_id}/refunds: newest first, also those of Stripe’s dashboard */
export function listRefunds(api: Api, paymentId: string, cursor: string | null) {
  const path = { payment_id: paymentId };
  const query = cursor === null ? {} : { cursor };
  return unwrap(api.GET('/merchant/payments/{payment_id}/refunds', { params: { path, query } }));
}

/** POST /merchant/payments/{payment_id}/refunds: under one key it is one, however often it is sent. */
export function createRefund(
  api: Api,
  paymentId: string,
  body: RefundRequest,
  idempotencyKey: string,
) {
  const path = { payment_id: paymentId };
  const header = { 'Idempotency-Key': idempotencyKey };
  return sendWithRetries(() =>
    unwrap(api.POST('/merchant/payments/{payment_id}/refunds', { body, params: { path, header } })),
  );
}

/** POST /merchant/payments/{payment_id}/capture: the same amount again changes nothing. */
export function capturePayment(api: Api, paymentId: string, amount: number) {
  const path = { payment_id: paymentId };
  return sendWithRetries(() =>
    unwrap(
      api.POST('/merchant/payments/{payment_id}/capture', { body: { amount }, params: { path } }),
    ),
  );
}

/** POST /merchant/payments/{payment_id}/cancel: again changes nothing. */
export function cancelPayment(api: Api, paymentId: string) {
  const path = { payment_id: paymentId };
  return sendWithRetries(() =>
    unwrap(api.POST('/merchant/payments/{payment_id}/cancel', { body: {}, params: { path } })),
  );
}

/** GET /merchant/orders: newest first */
export function searchOrders(api: Api, filters: OrderFilters, cursor: string | null) {
  const query = { ...filters, ...(cursor !== null && { cursor }) };
  return unwrap(api.GET('/merchant/orders', { params: { query } }));
}

/** GET /merchant/orders/{order_id} */
export function getMerchantOrder(api: Api, orderId: string) {
  const path = { order_id: orderId };
  return unwrap(api.GET('/merchant/orders/{order_id}', { params: { path } }));
}

/** POST /merchant/orders/{order_id}/cancel: again changes nothing. */
export function cancelOrder(api: Api, orderId: string) {
  const path = { order_id: orderId };
  return sendWithRetries(() =>
    unwrap(api.POST('/merchant/orders/{order_id}/cancel', { body: {}, params: { path } })),
  );
}

/** GET /merchant/products: on sale or not, in no order */
export function listCatalogue(api: Api, cursor: string | null) {
  const query = { limit: PAGE_SIZE, ...(cursor !== null && { cursor }) };
  return unwrap(api.GET('/merchant/products', { params: { query } }));
}

/** GET /merchant/products?product_id: the one product, if there is any */
export async function findInCatalogue(api: Api, productId: string) {
  const query = { product_id: productId };
  const { data } = await unwrap(api.GET('/merchant/products', { params: { query } }));
  return data[0] ?? null;
}

/** PUT /merchant/products/{product_id} */
export function putProduct(api: Api, productId: string, body: ProductChange) {
  const path = { product_id: productId };
  return sendWithRetries(() =>
    unwrap(api.PUT('/merchant/products/{product_id}', { body, params: { path } })),
  );
}

/** DELETE /merchant/products/{product_id}: again changes nothing. */
export function deleteProduct(api: Api, productId: string) {
  const path = { product_id: productId };
  return sendWithRetries(() =>
    unwrap(api.DELETE('/merchant/products/{product_id}', { params: { path } })),
  );
}

const PAGE_SIZE = 100;

export interface Read {
  readonly payments: readonly Payment[];
  /** Whether there are more, which were left out. */
  readonly isCut: boolean;
}

/** Every payment that fits, newest first, up to `most` of them. */
export async function readPayments(
  api: Api,
  filters: PaymentFilters,
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
