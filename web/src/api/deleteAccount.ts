import { type Account, type Api, unwrap } from './client';
import { sendWithRetries } from './retry';

/** DELETE /account: ask for its erasure. Asking twice is harmless. */
export function deleteAccount(api: Api): Promise<Account> {
  return sendWithRetries(() => unwrap(api.DELETE('/account')));
}
