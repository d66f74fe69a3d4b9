import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';

import { PageHeading } from '@/components/PageHeading';
import { Link } from '@/lib/routing';

/** Shown in place of every other screen to somebody whose account is being deleted. */
export function BeingDeletedPage() {
  return (
    <div className="narrow">
      <PageHeading title={t`Your account is being deleted`} />
      <p>
        <Trans>
          You can buy nothing more, and your cards and purchases are closed. Your account page shows
          when everything is erased. There you can still download your data.
        </Trans>
      </p>
      <p>
        <Link className="button button-primary" to="/account">
          <Trans>Your account</Trans>
        </Link>
      </p>
    </div>
  );
}
