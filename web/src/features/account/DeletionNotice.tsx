import type { Deletion } from '@/api/client';
import { Alert } from '@/components/Alert';
import { formatTime } from '@/lib/dates';

import { explainDeferral } from './deferrals';

/** When the account is erased, and what puts that off. */
export function DeletionNotice({ deletion }: { deletion: Deletion }) {
  const { requested_at: requestedAt, erased_after: erasedAfter, deferred_by: deferrals } = deletion;
  return (
    <Alert kind="info" title={`Your account will be erased after ${formatTime(erasedAfter)}`}>
      <p>
        You asked for this on {formatTime(requestedAt)}. You can buy nothing more. To keep your
        account, write to the shop before that day.
      </p>
      {deferrals.length > 0 && (
        <>
          <p>This puts the erasure off until it is over:</p>
          <ul className="bullets">
            {deferrals.map((deferral) => (
              <li key={`${deferral.reason} ${deferral.payment_id ?? ''}`}>
                {explainDeferral(deferral)}
              </li>
            ))}
          </ul>
        </>
      )}
    </Alert>
  );
}
