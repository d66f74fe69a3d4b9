import { type Api, type Payment, unwrap } from './client';
import type { components } from './schema';

/** POST /payments */
export function createPaymentIntent(
  api: Api,
  body: components['schemas']['CreatePaymentRequest'],
  idempotencyKey: string,
): Promise<Payment> {
  return unwrap(
    api.POST('/payments', {
      body,
      params: { header: { 'Idempotency-Key': idempotencyKey } },
    }),
  );
}
