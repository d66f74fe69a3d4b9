import { type Api, type Payment, unwrap } from '@/lib/api/client';
import type { components } from '@/lib/api/schema';

/** POST /payments/{payment_id}/confirm */
export function confirmPayment(
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
