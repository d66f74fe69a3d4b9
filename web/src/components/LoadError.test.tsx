import { cleanup, render, screen } from '@testing-library/preact';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { ApiError, localProblem } from '@/api/problem';

import { LoadError } from './LoadError';

const problem = (status: number, code: string) =>
  new ApiError({ ...localProblem(code, ''), status, instance: 'req-17' });

beforeEach(() => vi.spyOn(console, 'error').mockReturnValue());
afterEach(cleanup);

it('does not offer to ask again for what does not exist', () => {
  render(<LoadError error={problem(404, 'payment_not_found')} onRetry={vi.fn()} />);
  expect(screen.queryByRole('button')).toBeNull();
  expect(screen.queryByText('req-17')).toBeNull();
});

it.each([
  [429, 'rate_limited'],
  [503, 'service_unavailable'],
])('offers to ask again after %i, and names the request', (status, code) => {
  render(<LoadError error={problem(status, code)} onRetry={vi.fn()} />);
  expect(screen.getByRole('button', { name: 'Try again' })).toBeTruthy();
  expect(screen.getByText('req-17')).toBeTruthy();
  expect(screen.getByRole('alert').textContent).not.toMatch(/charged/);
});
