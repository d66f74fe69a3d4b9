import { Trans } from '@lingui/react/macro';

import type { Problem } from '@/api/problem';
import { explainProblem } from '@/components/explainProblem';
import { ProblemAlert } from '@/components/ProblemAlert';
import { Link } from '@/lib/routing';

interface RefusalProps {
  problem: Problem;
  onAnotherCard: () => void;
  onCvc: () => void;
}

/** Why the payment did not go through, and what the customer can do about it. */
export function Refusal({ problem, onAnotherCard, onCvc }: RefusalProps) {
  const { remedy } = explainProblem(problem);
  const isCard = remedy === 'another_card' || remedy === 'reenter_cvc';
  return (
    <ProblemAlert problem={problem} place="paying">
      {problem.errors?.map(({ field, message }) => (
        <p key={field}>{message}</p>
      ))}
      <div className="actions">
        {remedy === 'reenter_cvc' && (
          <button type="button" className="button button-secondary" onClick={onCvc}>
            <Trans>Enter the code again</Trans>
          </button>
        )}
        {isCard && problem.code !== 'cvc_required' && (
          <button type="button" className="button button-secondary" onClick={onAnotherCard}>
            <Trans>Use another card</Trans>
          </button>
        )}
        {(remedy === 'none' || remedy === 'start_over') && (
          <Link className="button button-secondary" to="/">
            <Trans>Back to the shop</Trans>
          </Link>
        )}
      </div>
    </ProblemAlert>
  );
}
