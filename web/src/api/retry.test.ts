import { describe, expect, it } from 'vitest';

import { ApiError, localProblem, networkError, type Problem } from './problem';
import { sendWithRetries } from './retry';

const problem = (overrides: Partial<Problem>): Problem => ({
  ...localProblem('service_unavailable', ''),
  status: 503,
  retryable: true,
  ...overrides,
});

/** Fails with each of the errors in turn, then succeeds. */
function failing(...errors: Error[]) {
  const waits: number[] = [];
  let calls = 0;
  const request = () => {
    calls += 1;
    const error = errors.shift();
    return error ? Promise.reject(error) : Promise.resolve('done');
  };
  const wait = (milliseconds: number) => {
    waits.push(milliseconds);
    return Promise.resolve();
  };
  return { run: () => sendWithRetries(request, { wait }), waits, calls: () => calls };
}

describe('sendWithRetries', () => {
  it('sends the request again after a lost connection', async () => {
    const { run, waits } = failing(networkError(new TypeError()), networkError(new TypeError()));
    expect(await run()).toBe('done');
    expect(waits).toEqual([1000, 2000]);
  });

  it('waits as long as the server asks for, up to a limit', async () => {
    const { run, waits } = failing(
      new ApiError(problem({ status: 429 }), 3),
      new ApiError(problem({}), 3600),
    );
    expect(await run()).toBe('done');
    expect(waits).toEqual([3000, 10_000]);
  });

  it('gives up in the end', async () => {
    const { run, calls } = failing(...Array.from({ length: 9 }, () => networkError(null)));
    await expect(run()).rejects.toThrow('network_error');
    expect(calls()).toBe(4);
  });

  it.each([
    ['a decline, even a retryable one', problem({ status: 402, retryable: true })],
    ['a validation error', problem({ status: 422, retryable: false })],
    ['a provider that refuses us', { ...localProblem('stripe_unavailable', ''), status: 502 }],
    [
      'somebody who has to pause',
      problem({ status: 429, retryable: true, code: 'too_many_attempts' }),
    ],
    ['an error on our side', problem({ status: 500, retryable: false })],
  ])('does not retry %s', async (_, refused) => {
    const { run, calls } = failing(new ApiError(refused));
    await expect(run()).rejects.toThrow(ApiError);
    expect(calls()).toBe(1);
  });
});
