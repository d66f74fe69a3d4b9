import { type Api, type Payment, unwrap } from './client';

/** POST /payments/{payment_id}/cancel */
export function cancelPayment(api: Api, paymentId: string): Promise<Payment> {
  return unwrap(
    api.POST('/payments/{payment_id}/cancel', { params: { path: { payment_id: paymentId } } }),
  );
}
