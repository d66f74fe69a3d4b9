import createClient, { type Client } from 'openapi-fetch';
import { createContext, use } from 'react';

import { ApiError, apiErrorOf, networkError } from './problem';
import type { components, paths } from './schema';

export type Api = Client<paths>;
export type Account = components['schemas']['AccountResponse'];
export type AccountChange = components['schemas']['UpdateAccountRequest'];
export type AccountExport = components['schemas']['AccountExportResponse'];
export type Deferral = components['schemas']['DeferralResponse'];
export type Deletion = components['schemas']['DeferrableDeletionResponse'];
export type Payment = components['schemas']['PaymentResponse'];
export type PaymentWithHistory = components['schemas']['PaymentDetailsResponse'];
export type PaymentMethod = components['schemas']['PaymentMethodResponse'];
export type PaymentMethodChange = components['schemas']['UpdatePaymentMethodRequest'];
export type SetupIntent = components['schemas']['SetupIntentResponse'];
export type Product = components['schemas']['ProductResponse'];
export type SignupRequest = components['schemas']['SignupRequest'];
export type SignupResponse = components['schemas']['SignupResponse'];

/** Where the requests get their ID token. */
export interface Tokens {
  /** The ID token, refreshed if necessary; null if nobody is logged in. */
  fetchIdToken(options?: { forceRefresh: boolean }): Promise<string | null>;
  /** End the session: the API rejected the token, and refreshing it did not help. */
  expire(): void;
  /** The API has said that this person's account is being deleted: nothing else answers any more. */
  accountBeingDeleted(): void;
}

export function createApi(
  baseUrl: string,
  tokens: Tokens,
  fetchImpl: (request: Request) => Promise<Response> = (request) => fetch(request),
): Api {
  const send = async (request: Request, token: string | null): Promise<Response> => {
    const sent = request.clone();
    if (token !== null) sent.headers.set('Authorization', `Bearer ${token}`);
    try {
      return await fetchImpl(sent);
    } catch (error) {
      throw networkError(error);
    }
  };
  const fetchAuthorized = async (request: Request): Promise<Response> => {
    const token = await tokens.fetchIdToken();
    const response = await send(request, token);
    if (response.status === 403 && (await codeOf(response)) === 'account_being_deleted') {
      tokens.accountBeingDeleted();
    }
    if (response.status !== 401 || token === null) return response;
    // The token may have been revoked, or this device's clock may be wrong: refresh it once.
    const refreshed = await tokens.fetchIdToken({ forceRefresh: true });
    const second = refreshed === null ? response : await send(request, refreshed);
    if (second.status === 401) tokens.expire();
    return second;
  };
  return createClient<paths>({ baseUrl: absolute(baseUrl), fetch: fetchAuthorized });
}

async function codeOf(response: Response): Promise<unknown> {
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  return body !== null && typeof body === 'object' && 'code' in body ? body.code : null;
}

interface Answer<Body> {
  data?: Body;
  error?: unknown;
  response: Response;
}

/** The body of a successful response; throws an ApiError for anything else. */
export async function unwrap<Body>(answer: Promise<Answer<Body>>): Promise<NonNullable<Body>> {
  const { data, error, response } = await received(answer);
  if (!response.ok || data === undefined || data === null) throw apiErrorOf(response, error);
  return data;
}

/** Checks a response that has no body; throws an ApiError for an error. */
export async function unwrapEmpty(answer: Promise<Answer<unknown>>): Promise<void> {
  const { error, response } = await received(answer);
  if (!response.ok) throw apiErrorOf(response, error);
}

async function received<Body>(answer: Promise<Answer<Body>>): Promise<Answer<Body>> {
  try {
    return await answer;
  } catch (error) {
    // A response that breaks off half-way is a network error too.
    throw error instanceof ApiError ? error : networkError(error);
  }
}

const ApiContext = createContext<Api | null>(null);
export const ApiProvider = ApiContext;

export function useApi(): Api {
  const api = use(ApiContext);
  if (api === null) throw new Error('useApi needs an ApiProvider');
  return api;
}

function absolute(baseUrl: string): string {
  return new URL(baseUrl, location.origin).href.replace(/\/$/, '');
}
