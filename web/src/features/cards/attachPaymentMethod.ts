import { type Api, type PaymentMethod, unwrap } from '@/lib/api/client';
import { persistently } from '@/lib/retry';

/** POST /payment-methods: attaching the same card again changes nothing. */
export function attachPaymentMethod(api: Api, paymentMethodId: string): Promise<PaymentMethod> {
  return persistently(() =>
    unwrap(api.POST('/payment-methods', { body: { payment_method_id: paymentMethodId } })),
  );
}
