import { Link } from 'react-router';

import { PageHeading } from '@/components/PageHeading';

/** Shown in place of every other screen to somebody whose account is being deleted. */
export function BeingDeletedPage() {
  return (
    <div className="narrow">
      <PageHeading title="Your account is being deleted" />
      <p>
        You can buy nothing more, and your cards and purchases are closed. Your account page shows
        when everything is erased. There you can still download your data.
      </p>
      <p>
        <Link className="button button-primary" to="/account">
          Your account
        </Link>
      </p>
    </div>
  );
}
