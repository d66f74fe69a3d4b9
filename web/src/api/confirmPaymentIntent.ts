import { type Api, type Payment, unwrap } from './client';
import type { components } from './schema';

/** POST /payments/{payment_id}/confirm */
export function confirmPaymentIntent(
  api: Api,
  paymentId: string,
  body: components['schemas']['ConfirmPaymentRequest'],
): Promise<Payment> {
  return unwrap(
    api.POST('/payments/{payment_id}/confirm', {
      body,
      params: { path: { payment_id: paymentId } },
    }),
  );
}
