import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';

import type { Deletion } from '@/api/client';
import { Alert } from '@/components/Alert';
import { PageHeading } from '@/components/PageHeading';
import { Link, useLocation } from '@/lib/routing';

import { DeletionNotice } from './DeletionNotice';

/** Where somebody is taken who has just asked for their account to be deleted. */
export function DeletedPage() {
  const deletion = useLocation().state as Deletion | null;
  return (
    <div className="narrow">
      <PageHeading title={t`You have deleted your account`} />
      {deletion === null ? (
        <Alert kind="info" title={t`Your account will be erased`} />
      ) : (
        <DeletionNotice deletion={deletion} />
      )}
      <p>
        <Trans>
          You are logged out on all devices. Until the account is erased, you can{' '}
          <Link to="/login?next=/account">log in</Link> to see its date and to download your data.
        </Trans>
      </p>
      <p>
        <Link className="button button-primary" to="/">
          <Trans>Back to the shop</Trans>
        </Link>
      </p>
    </div>
  );
}
