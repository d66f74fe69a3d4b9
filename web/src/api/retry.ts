import { ApiError } from './problem';

const DELAYS_MS = [1000, 2000, 4000];
const LONGEST_DELAY_MS = 10_000;

export interface RetryOptions {
  wait?: (milliseconds: number) => Promise<void>;
  /** Called before each wait. */
  onWait?: () => void;
}

/** Send a request, and retry it on transient errors. Only for requests that are safe to repeat. */
export async function sendWithRetries<Result>(
  request: () => Promise<Result>,
  { wait = sleep, onWait }: RetryOptions = {},
): Promise<Result> {
  for (const delay of DELAYS_MS) {
    try {
      return await request();
    } catch (error) {
      if (!(error instanceof ApiError && error.isTransient)) throw error;
      if (error.problem.code === 'too_many_attempts') throw error; // a person has to know of it
      onWait?.();
      const requested = (error.retryAfterSeconds ?? 0) * 1000;
      await wait(Math.min(Math.max(delay, requested), LONGEST_DELAY_MS));
    }
  }
  return request();
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
