import { Link } from 'react-router';

import type { Problem } from '@/api/problem';
import { ProblemAlert } from '@/components/ProblemAlert';

/** What went wrong with a card, with a link to the payment that still needs it. */
export function CardProblem({ problem }: { problem: Problem }) {
  const { payment_id: paymentId } = problem;
  return (
    <ProblemAlert problem={problem} place="card">
      {paymentId && <Link to={`/payments/${paymentId}`}>See the payment</Link>}
    </ProblemAlert>
  );
}
