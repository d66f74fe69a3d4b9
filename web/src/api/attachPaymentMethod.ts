import { type Api, type PaymentMethod, unwrap } from './client';
import { sendWithRetries } from './retry';

/** POST /payment-methods. Safe to retry: attaching the same card again changes nothing. */
export function attachPaymentMethod(api: Api, paymentMethodId: string): Promise<PaymentMethod> {
  return sendWithRetries(() =>
    unwrap(api.POST('/payment-methods', { body: { payment_method_id: paymentMethodId } })),
  );
}
