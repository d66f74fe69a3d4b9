import { type Api, type PaymentMethod, unwrap } from './client';
import { sendWithRetries } from './retry';

/**
 * POST /payment-methods. Safe to retry: saving the same card again changes nothing. If the card
 * was saved before, the answer is the one that stays.
 */
export function attachPaymentMethod(api: Api, setupIntentId: string): Promise<PaymentMethod> {
  return sendWithRetries(() =>
    unwrap(api.POST('/payment-methods', { body: { setup_intent_id: setupIntentId } })),
  );
}
