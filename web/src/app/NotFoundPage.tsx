import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';

import { PageHeading } from '@/components/PageHeading';
import { Link } from '@/lib/routing';

export function NotFoundPage() {
  return (
    <div className="narrow">
      <PageHeading title={t`Page not found`} />
      <p>
        <Trans>Check the address. The page may have been moved or removed.</Trans>
      </p>
      <p>
        <Link className="button button-primary" to="/">
          <Trans>Back to the shop</Trans>
        </Link>
      </p>
    </div>
  );
}
