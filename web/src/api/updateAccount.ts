import { type Account, type AccountChange, type Api, unwrap } from './client';
import { sendWithRetries } from './retry';

/** PATCH /account: name and phone. Doing it twice is harmless. */
export function updateAccount(api: Api, body: AccountChange): Promise<Account> {
  return sendWithRetries(() => unwrap(api.PATCH('/account', { body })));
}
