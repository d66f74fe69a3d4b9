import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import type { ReactNode } from 'react';

import { type Problem, problemOf } from '@/api/problem';
import { Alert } from '@/components/Alert';

/** What staff are told. Where there is nothing here, it is what the API says. */
const explanations = (): Readonly<Record<string, { title: string; advice: string }>> => ({
  not_allowed: {
    title: t`You may not do this`,
    advice: t`Your group does not allow it, or you have logged in without a one-time code. Log out and in again; if that does not help, ask whoever runs this shop.`,
  },
  payment_not_refundable: {
    title: t`This payment cannot be refunded`,
    advice: t`It is not paid, or it is disputed: the bank then decides about the money.`,
  },
  payment_not_capturable: {
    title: t`There is nothing to capture`,
    advice: t`It was captured with another amount, or the money is no longer held.`,
  },
  payment_not_cancelable: {
    title: t`This payment cannot be cancelled any more`,
    advice: t`If it has been paid, refund it.`,
  },
  order_not_payable: {
    title: t`This order is over`,
    advice: t`It is paid, cancelled or expired.`,
  },
  amount_too_large: {
    title: t`That is more than there is`,
    advice: t`Somebody else may have been faster. Look at the amounts again.`,
  },
  idempotency_key_reused: {
    title: t`This was asked for with something else`,
    advice: t`Reload the page and look at what has happened before you try again.`,
  },
  payment_not_found: { title: t`There is no such payment`, advice: t`Check its id.` },
  order_not_found: { title: t`There is no such order`, advice: t`Check its id.` },
  product_not_found: { title: t`There is no such product`, advice: t`Check its id.` },
  network_error: {
    title: t`The connection was lost`,
    advice: t`Check your internet connection and try again. Nothing is done twice.`,
  },
  rate_limited: {
    title: t`That was a little too fast`,
    advice: t`Wait a moment and try again. Nothing is done twice.`,
  },
  stripe_unavailable: {
    title: t`Stripe is not responding`,
    advice: t`Try again in a moment. Nothing is done twice.`,
  },
  service_unavailable: {
    title: t`The shop is busy`,
    advice: t`Try again in a moment. Nothing is done twice.`,
  },
  internal_error: {
    title: t`Something went wrong`,
    advice: t`Try again in a moment. Nothing is done twice.`,
  },
});

function explain(problem: Problem): { title: string; advice: string } {
  const code = problem.status === 403 ? 'not_allowed' : problem.code;
  const known = explanations()[code];
  if (known) return known;
  const fields = (problem.errors ?? []).map(({ field, message }) => `${field}: ${message}`);
  return { title: problem.title, advice: [problem.detail, ...fields].filter(Boolean).join(' ') };
}

/** What went wrong, for staff, and the request's id to search the logs for. */
export function StaffProblem({ error, children }: { error: unknown; children?: ReactNode }) {
  const problem = problemOf(error);
  const { title, advice } = explain(problem);
  return (
    <Alert title={title} cause={error}>
      {advice !== '' && <p>{advice}</p>}
      {problem.status >= 500 && problem.instance !== '' && (
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

/** Shown in place of something that could not be loaded. */
export function StaffLoadError({ error, onRetry }: { error: unknown; onRetry: () => unknown }) {
  return (
    <StaffProblem error={error}>
      <button type="button" className="button button-secondary" onClick={() => void onRetry()}>
        <Trans>Try again</Trans>
      </button>
    </StaffProblem>
  );
}
