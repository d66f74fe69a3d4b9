import { Trans } from '@lingui/react/macro';

import { problemOf } from '@/api/problem';

import { explainProblem } from './explainProblem';
import { ProblemAlert } from './ProblemAlert';

/** Shown in place of something that could not be loaded. */
export function LoadError({ error, onRetry }: { error: unknown; onRetry: () => unknown }) {
  const problem = problemOf(error);
  // What does not exist does not come by asking again.
  const mayHelp = explainProblem(problem).remedy === 'retry';
  return (
    <ProblemAlert problem={problem}>
      {mayHelp && (
        <button type="button" className="button button-secondary" onClick={() => void onRetry()}>
          <Trans>Try again</Trans>
        </button>
      )}
    </ProblemAlert>
  );
}
