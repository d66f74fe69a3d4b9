import { type Api, unwrapEmpty } from './client';
import { ApiError } from './problem';
import { sendWithRetries } from './retry';

/**
 * DELETE /payment-methods/{payment_method_id}. Safe to retry: a card that is gone is removed.
 *
 * It is sent with `keepalive`, so that it arrives even if the page is closed meanwhile:
 * https://developer.mozilla.org/en-US/docs/Web/API/RequestInit#keepalive
 */
export async function detachPaymentMethod(api: Api, paymentMethodId: string): Promise<void> {
  const request = () =>
    unwrapEmpty(
      api.DELETE('/payment-methods/{payment_method_id}', {
        params: { path: { payment_method_id: paymentMethodId } },
        keepalive: true,
      }),
    );
  try {
    await sendWithRetries(request);
  } catch (error) {
    const isGone = error instanceof ApiError && error.problem.code === 'payment_method_not_found';
    if (!isGone) throw error;
  }
}
