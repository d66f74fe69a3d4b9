import { Trans } from '@lingui/react/macro';
import type { ReactNode } from 'react';

import type { Problem } from '@/api/problem';

import { Alert } from './Alert';
import { adviceFor, explainProblem, type Place } from './explainProblem';

interface ProblemAlertProps {
  problem: Problem;
  /** Where it happened, which decides whether money is spoken of. */
  place?: Place;
  children?: ReactNode;
}

/** What went wrong, what to do about it, and the request's id to quote to support. */
export function ProblemAlert({ problem, place = 'elsewhere', children }: ProblemAlertProps) {
  const explanation = explainProblem(problem);
  return (
    <Alert title={explanation.title} cause={problem}>
      <p>{adviceFor(explanation, place)}</p>
      {(problem.status >= 500 || problem.status === 429) && problem.instance !== '' && (
        <p className="small">
          <Trans>
            Reference: <code>{problem.instance}</code>
          </Trans>
        </p>
      )}
      {children}
    </Alert>
  );
}
