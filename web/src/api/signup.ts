import { type Api, type SignupRequest, type SignupResponse, unwrap } from './client';

/** POST /signup. Not retried automatically: if the first attempt succeeded, a retry fails. */
export function signup(api: Api, body: SignupRequest): Promise<SignupResponse> {
  return unwrap(api.POST('/signup', { body }));
}
