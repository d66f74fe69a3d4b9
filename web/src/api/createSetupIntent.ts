import { type Api, type SetupIntent, unwrap } from './client';
import { sendWithRetries } from './retry';
import type { components } from './schema';

/** POST /setup-intents. Safe to retry: one that nobody confirms saves no card. */
export function createSetupIntent(
  api: Api,
  body: components['schemas']['CreateSetupIntentRequest'],
): Promise<SetupIntent> {
  return sendWithRetries(() => unwrap(api.POST('/setup-intents', { body })));
}
