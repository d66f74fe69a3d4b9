import { Link } from 'react-router';

import { PageHeading } from '@/components/PageHeading';

export function NotFoundPage() {
  return (
    <div className="narrow">
      <PageHeading title="Page not found" />
      <p>Check the address. The page may have been moved or removed.</p>
      <p>
        <Link className="button button-primary" to="/">
          Back to the shop
        </Link>
      </p>
    </div>
  );
}
