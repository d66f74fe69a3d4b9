import { type Api, type PaymentMethod, type PaymentMethodChange, unwrap } from './client';
import { sendWithRetries } from './retry';

/** PATCH /payment-methods/{payment_method_id}. Doing it twice is harmless. */
export function updatePaymentMethod(
  api: Api,
  paymentMethodId: string,
  body: PaymentMethodChange,
): Promise<PaymentMethod> {
  return sendWithRetries(() =>
    unwrap(
      api.PATCH('/payment-methods/{payment_method_id}', {
        body,
        params: { path: { payment_method_id: paymentMethodId } },
      }),
    ),
  );
}
