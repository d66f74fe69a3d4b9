import { t } from '@lingui/core/macro';

import type { Deferral } from '@/api/client';

/** Why the account is not erased yet, in a sentence. */
export function explainDeferral({ reason, payment_id: paymentId }: Deferral): string {
  switch (reason) {
    case 'open_payment':
      return paymentId == null
        ? t`A payment is not finished.`
        : t`Payment ${paymentId} is not finished.`;
    case 'dispute':
      return paymentId == null ? t`A payment is disputed.` : t`Payment ${paymentId} is disputed.`;
    case 'subscription':
      return t`You have a subscription that has not ended.`;
    case 'invoice':
      return t`You have an invoice that has not been paid.`;
    default:
      return t`Something at the shop is not finished.`;
  }
}
