import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';

import type { Deletion } from '@/api/client';
import { Alert } from '@/components/Alert';
import { formatTime } from '@/lib/dates';

import { explainDeferral } from './deferrals';

/** When the account is erased, and what puts that off. */
export function DeletionNotice({ deletion }: { deletion: Deletion }) {
  const { requested_at: requestedAt, erased_after: erasedAfter, deferred_by: deferrals } = deletion;
  return (
    <Alert kind="info" title={t`Your account will be erased after ${formatTime(erasedAfter)}`}>
      <p>
        <Trans>
          You asked for this on {formatTime(requestedAt)}. You can buy nothing more. To keep your
          account, write to the shop before that day.
        </Trans>
      </p>
      {deferrals.length > 0 && (
        <>
          <p>
            <Trans>This puts the erasure off until it is over:</Trans>
          </p>
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
