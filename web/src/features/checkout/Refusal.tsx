import { Link } from 'react-router';

import type { Problem } from '@/api/problem';
import { explainProblem } from '@/components/explainProblem';
import { ProblemAlert } from '@/components/ProblemAlert';

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
            Enter the code again
          </button>
        )}
        {isCard && problem.code !== 'cvc_required' && (
          <button type="button" className="button button-secondary" onClick={onAnotherCard}>
            Use another card
          </button>
        )}
        {(remedy === 'none' || remedy === 'start_over') && (
          <Link className="button button-secondary" to="/">
            Back to the shop
          </Link>
        )}
      </div>
    </ProblemAlert>
  );
}
