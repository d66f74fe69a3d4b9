import { Link } from 'react-router';

import { PageHeading } from '@/components/PageHeading';

export function NotFoundPage() {
  return (
    <div className="narrow">
      <PageHeading title="This page does not exist" />
      <p>The address may have a mistake in it, or the page is gone.</p>
      <p>
        <Link className="button button-primary" to="/">
          To the shop
        </Link>
      </p>
    </div>
  );
}
