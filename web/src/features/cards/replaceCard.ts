import type { Api, PaymentMethod } from '@/api/client';
import { detachPaymentMethod } from '@/api/detachPaymentMethod';
import { updatePaymentMethod } from '@/api/updatePaymentMethod';

/** Let a new card take the place of another one, and remove that. Each step is safe to repeat. */
export async function replaceCard(
  replaced: PaymentMethod,
  card: PaymentMethod,
  api: Api,
): Promise<PaymentMethod> {
  // The same card again: the API has kept one of the two, and deleting either would leave none.
  if (card.payment_method_id === replaced.payment_method_id) return card;
  const kept =
    replaced.default && !card.default
      ? await updatePaymentMethod(api, card.payment_method_id, { default: true })
      : card;
  await detachPaymentMethod(api, replaced.payment_method_id);
  return kept;
}
