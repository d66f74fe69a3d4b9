import type { ReactNode } from 'react';

import type { Problem } from '@/api/problem';

import { Alert } from './Alert';
import { explainProblem } from './explainProblem';

/** What went wrong, what to do about it, and the request's id to quote to support. */
export function ProblemAlert({ problem, children }: { problem: Problem; children?: ReactNode }) {
  const { title, advice } = explainProblem(problem);
  return (
    <Alert title={title} cause={problem}>
      <p>{advice}</p>
      {problem.status >= 500 && problem.instance !== '' && (
        <p className="small">
          Reference: <code>{problem.instance}</code>
        </p>
      )}
      {children}
    </Alert>
  );
}
