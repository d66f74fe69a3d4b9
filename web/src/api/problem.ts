import type { components } from './schema';

/** A problem document from the API (RFC 9457), or one made here for an error in the browser. */
export type Problem = Omit<components['schemas']['Problem'], 'code'> & { readonly code: string };

export class ApiError extends Error {
  override name = 'ApiError';
  readonly problem: Problem;
  readonly retryAfterSeconds: number | null;

  constructor(problem: Problem, retryAfterSeconds: number | null = null, options?: ErrorOptions) {
    super(`${problem.status} ${problem.code}: ${problem.detail || problem.title}`, options);
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** Whether the same request can be sent again, because it was not decided. */
  get isTransient(): boolean {
    const { status, retryable } = this.problem;
    return status === 0 || (retryable === true && (status === 429 || status >= 500));
  }
}

/** A problem that occurred in the browser. */
export function localProblem(code: string, title: string, detail = ''): Problem {
  return { type: `urn:till:problem:${code}`, title, status: 0, detail, instance: '', code };
}

export function networkError(cause: unknown): ApiError {
  return new ApiError(localProblem('network_error', 'Till could not be reached'), null, { cause });
}

/** The error for a response that is not 2xx. A gateway may respond without a problem document. */
export function apiErrorOf(response: Response, body: unknown): ApiError {
  const retryAfter = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
  const problem = isProblem(body) ? body : problemOfStatus(response);
  return new ApiError(problem, Number.isNaN(retryAfter) ? null : retryAfter);
}

function isProblem(body: unknown): body is Problem {
  return (
    typeof body === 'object' &&
    body !== null &&
    'code' in body &&
    typeof body.code === 'string' &&
    'status' in body
  );
}

function problemOfStatus(response: Response): Problem {
  const { status } = response;
  const problem = (code: string, title: string, retryable = false): Problem => ({
    type: `urn:till:problem:${code}`,
    title,
    status,
    detail: '',
    instance: response.headers.get('x-amzn-requestid') ?? '',
    code,
    ...(retryable && { retryable }),
  });
  if (status === 401) return problem('not_authenticated', 'Log in first');
  if (status === 413) return problem('body_too_large', 'The request is too large');
  if (status === 429) return problem('rate_limited', 'Too many requests at once', true);
  if (status === 502 || status === 503 || status === 504) {
    return problem('service_unavailable', 'The service is busy', true);
  }
  return problem('internal_error', 'Something went wrong on our side');
}

/** The problem for anything that was thrown. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  console.error(error);
  return localProblem('internal_error', 'Something went wrong on our side');
}
