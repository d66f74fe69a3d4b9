import { Trans } from '@lingui/react/macro';

import type { Problem } from '@/api/problem';
import { ProblemAlert } from '@/components/ProblemAlert';
import { Link } from '@/lib/routing';

/** What went wrong with a card, with a link to the payment that still needs it. */
export function CardProblem({ problem }: { problem: Problem }) {
  const { payment_id: paymentId } = problem;
  return (
    <ProblemAlert problem={problem} place="card">
      {paymentId && (
        <Link to={`/payments/${paymentId}`}>
          <Trans>See the payment</Trans>
        </Link>
      )}
    </ProblemAlert>
  );
}
