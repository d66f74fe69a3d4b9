import { type Api, unwrap } from './client';
import { sendWithRetries } from './retry';

/** POST /sign-out: end this person’s sessions on all devices. Doing it twice is harmless. */
export async function signOut(api: Api): Promise<void> {
  await sendWithRetries(() => unwrap(api.POST('/sign-out')));
}
