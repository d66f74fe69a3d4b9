import { type Api, type SignupRequest, type SignupResponse, unwrap } from './client';

/** POST /signup. Not repeated by itself: a second one would be told that the person exists. */
export function signup(api: Api, body: SignupRequest): Promise<SignupResponse> {
  return unwrap(api.POST('/signup', { body }));
}
