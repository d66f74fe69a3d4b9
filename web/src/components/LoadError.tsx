import { problemOf } from '@/api/problem';

import { ProblemAlert } from './ProblemAlert';

/** Shown in place of something that could not be loaded. */
export function LoadError({ error, onRetry }: { error: unknown; onRetry: () => unknown }) {
  return (
    <ProblemAlert problem={problemOf(error)}>
      <button type="button" className="button button-secondary" onClick={() => void onRetry()}>
        Try again
      </button>
    </ProblemAlert>
  );
}
