import { t } from '@lingui/core/macro';

import type { components } from '@/api/schema';

export type Usage = components['schemas']['CreateSetupIntentRequest']['usage'];

/** What somebody agrees to when they save a card. The form shows it, and exactly this is sent. */
export function consentTo(usage: Usage): string {
  return {
    on_session: t`Save this card for the payments that I make myself.`,
    off_session: t`Save this card, and let the shop charge it when I am not here, for what I have ordered or agreed to.`,
  }[usage];
}
