import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useLayoutEffect, useRef, useState } from 'react';

import { cancelPayment } from '@/api/cancelPayment';
import { type Payment, useApi } from '@/api/client';
import { problemOf } from '@/api/problem';
import { ProblemAlert } from '@/components/ProblemAlert';

import { canBeResumed } from './status';

/** Ends a payment that the customer does not want to finish. It asks once, in its own place. */
export function CancelPurchase({ payment }: { payment: Payment }) {
  const { payment_id: paymentId } = payment;
  const api = useApi();
  const queries = useQueryClient();
  const [isAsked, setAsked] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const cancel = useMutation({
    mutationFn: () => cancelPayment(api, paymentId),
    onSettled: async () => {
      setAsked(false);
      await queries.invalidateQueries({ queryKey: ['payments'] });
    },
  });
  const isOver = cancel.isSuccess || cancel.isError;
  useLayoutEffect(() => {
    // The button that was pressed is gone.
    if (isAsked || isOver) place.current?.focus();
  }, [isAsked, isOver]);
  if (!canBeResumed(payment) && !isOver) return null;
  return (
    <div ref={place} tabIndex={-1} className="stack">
      {cancel.isSuccess && (
        <p role="status">
          <Trans>Your purchase is cancelled. You have not been charged.</Trans>
        </p>
      )}
      {cancel.isError && <ProblemAlert problem={problemOf(cancel.error)} />}
      {canBeResumed(payment) && !isAsked && (
        <p>
          <button type="button" className="link" onClick={() => setAsked(true)}>
            <Trans>Cancel this purchase</Trans>
          </button>
        </p>
      )}
      {isAsked && (
        <>
          <p>
            <Trans>Cancel this purchase? You are not charged, and can order again.</Trans>
          </p>
          <div className="actions">
            <button
              type="button"
              className="button button-primary"
              aria-disabled={cancel.isPending}
              onClick={() => {
                if (!cancel.isPending) cancel.mutate();
              }}
            >
              <Trans>Yes, cancel it</Trans>
            </button>
            <button
              type="button"
              className="button button-secondary"
              onClick={() => setAsked(false)}
            >
              <Trans>No, keep it</Trans>
            </button>
          </div>
        </>
      )}
    </div>
  );
}
