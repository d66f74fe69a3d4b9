import { type Api, type Payment, unwrap } from '@/lib/api/client';
import type { components } from '@/lib/api/schema';

/** POST /payments */
export function createPayment(
  api: Api,
  body: components['schemas']['CreatePaymentRequest'],
  idempotencyKey: string,
): Promise<Payment> {
  return unwrap(
    api.POST('/payments', {
      body,
      params: { header: { 'idempotency-key': idempotencyKey } },
    }),
  );
}
