import { Trans } from '@lingui/react/macro';

import { localProblem } from '@/api/problem';

import { ProblemAlert } from './ProblemAlert';

export const STRIPE_PROBLEM = localProblem('stripe_js_error', 'We could not reach Stripe');

export function StripeLoadError({ onRetry }: { onRetry: () => unknown }) {
  return (
    <ProblemAlert problem={STRIPE_PROBLEM} place="card">
      <button type="button" className="button button-secondary" onClick={() => void onRetry()}>
        <Trans>Try again</Trans>
      </button>
    </ProblemAlert>
  );
}
