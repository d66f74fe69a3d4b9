import { describe, expect, it } from 'vitest';

import { createApi, type Tokens, unwrap } from './client';
import { ApiError } from './problem';

/** An API that returns these responses, and a token that is refreshed to `refreshed`. */
function setUp(
  answers: (Response | Error)[],
  tokens: { first: string | null; refreshed?: string },
) {
  const sent: Request[] = [];
  const events: string[] = [];
  const source: Tokens = {
    fetchIdToken: (options) => {
      if (!options?.forceRefresh) return Promise.resolve(tokens.first);
      events.push('refreshed');
      return Promise.resolve(tokens.refreshed ?? null);
    },
    expire: () => void events.push('expired'),
    accountBeingDeleted: () => void events.push('being deleted'),
  };
  const api = createApi('/v1', source, (request) => {
    sent.push(request);
    const answer = answers.shift();
    if (answer === undefined) throw new Error('one request too many');
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  });
  return { api, sent, events };
}

const problemOf = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ApiError)) throw new Error('expected an ApiError');
  return error;
};

describe('the API client', () => {
  it('sends the ID token to the configured address', async () => {
    const { api, sent } = setUp([Response.json({ data: [] })], { first: 'jwt' });
    await unwrap(api.GET('/products'));
    expect(sent[0]?.url).toBe(`${location.origin}/v1/products`);
    expect(sent[0]?.headers.get('Authorization')).toBe('Bearer jwt');
  });

  it.each([
    ['account_being_deleted', ['being deleted']],
    ['not_allowed', []],
  ])('tells the session after a refusal with %s', async (code, expected) => {
    const refusal = Response.json({ status: 403, code, title: 'No' }, { status: 403 });
    const { api, events } = setUp([refusal], { first: 'jwt' });
    const error = await problemOf(unwrap(api.GET('/payments')));
    expect(error.problem.code).toBe(code);
    expect(events).toEqual(expected);
  });

  it('leaves a refusal that is no problem document alone', async () => {
    const { api, events } = setUp([new Response('<html>', { status: 403 })], { first: 'jwt' });
    expect((await problemOf(unwrap(api.GET('/payments')))).problem.status).toBe(403);
    expect(events).toEqual([]);
  });

  it('sends no token when nobody is logged in', async () => {
    const { api, sent } = setUp([Response.json({ data: [] })], { first: null });
    await unwrap(api.GET('/products'));
    expect(sent[0]?.headers.has('Authorization')).toBe(false);
  });

  it('refreshes a rejected token once and sends the same body again', async () => {
    const { api, sent, events } = setUp(
      [Response.json({ message: 'Unauthorized' }, { status: 401 }), Response.json({ ok: true })],
      { first: 'old', refreshed: 'new' },
    );
    await unwrap(api.POST('/payment-methods', { body: { payment_method_id: 'pm_1' } }));
    expect(sent.map(({ headers }) => headers.get('Authorization'))).toEqual([
      'Bearer old',
      'Bearer new',
    ]);
    expect(await sent[1]?.json()).toEqual({ payment_method_id: 'pm_1' });
    expect(events).toEqual(['refreshed']);
  });

  it('ends the session when the refreshed token is rejected too', async () => {
    const refusal = () => Response.json({ message: 'Unauthorized' }, { status: 401 });
    const { api, events } = setUp([refusal(), refusal()], { first: 'old', refreshed: 'new' });
    const { problem } = await problemOf(unwrap(api.GET('/payments')));
    expect(problem.code).toBe('not_authenticated');
    expect(events).toEqual(['refreshed', 'expired']);
  });

  it('passes on the problem document and how long to wait', async () => {
    const document = { code: 'rate_limited', status: 429, title: '', detail: '', retryable: true };
    const { api } = setUp(
      [
        Response.json(document, {
          status: 429,
          headers: { 'Retry-After': '7', 'Content-Type': 'application/problem+json' },
        }),
      ],
      { first: 'jwt' },
    );
    const error = await problemOf(unwrap(api.GET('/payments')));
    expect(error.problem).toEqual(document);
    expect(error.retryAfterSeconds).toBe(7);
    expect(error.isTransient).toBe(true);
  });

  it.each([
    [504, { message: 'Endpoint request timed out' }, 'service_unavailable', true],
    [429, { message: 'Too Many Requests' }, 'rate_limited', true],
    [413, { message: 'Request Too Long' }, 'body_too_large', false],
    [500, '<html>', 'internal_error', false],
  ])('understands a bare %i from a gateway', async (status, body, code, isTransient) => {
    const { api } = setUp([new Response(JSON.stringify(body), { status })], { first: 'jwt' });
    const error = await problemOf(unwrap(api.GET('/payments')));
    expect(error.problem.code).toBe(code);
    expect(error.isTransient).toBe(isTransient);
  });

  it('tells a lost connection from a response', async () => {
    const { api } = setUp([new TypeError('Failed to fetch')], { first: 'jwt' });
    const error = await problemOf(unwrap(api.GET('/payments')));
    expect(error.problem.code).toBe('network_error');
    expect(error.isTransient).toBe(true);
  });

  it('treats a response that breaks off as a lost connection', async () => {
    const { api } = setUp([new Response('{"data": [', { status: 200 })], { first: 'jwt' });
    expect((await problemOf(unwrap(api.GET('/payments')))).problem.code).toBe('network_error');
  });
});
