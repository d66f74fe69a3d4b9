import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useLayoutEffect, useRef } from 'react';

import { Loading } from '@/components/Loading';
import { PageHeading } from '@/components/PageHeading';
import { ShowMore } from '@/components/ShowMore';
import type { StaffRole } from '@/features/session';
import { formatAmount } from '@/lib/money';
import { Link, useLocation } from '@/lib/routing';

import { Badge } from './Badge';
import { itemsOf, useCatalogue } from './queries';
import { StaffLoadError } from './StaffProblem';

/** All products, on sale or not. The shop shows a change a minute later: CloudFront keeps it. */
export function CataloguePage({ role }: { role: StaffRole }) {
  const products = useCatalogue();
  const { state } = useLocation() as { state: { said?: string } | null };
  const outcome = useRef<HTMLParagraphElement>(null);
  useLayoutEffect(() => {
    if (state?.said !== undefined) outcome.current?.focus();
  }, [state]);
  const all = itemsOf(products.data)?.toSorted((one, other) => one.name.localeCompare(other.name));
  return (
    <>
      <PageHeading title={t`Catalogue`}>
        {role === 'merchant' && (
          <Link className="button button-primary" to="/merchant/catalogue/new">
            <Trans>Add a product</Trans>
          </Link>
        )}
      </PageHeading>
      <p ref={outcome} className="outcome" role="status" tabIndex={-1}>
        {state?.said}
      </p>
      {products.isPending && <Loading what={t`the catalogue`} />}
      {products.isError && <StaffLoadError error={products.error} onRetry={products.refetch} />}
      {all?.length === 0 && !products.hasNextPage && (
        <p className="empty">
          <Trans>The catalogue is empty.</Trans>
        </p>
      )}
      {all && all.length > 0 && (
        <ul className="rows" aria-label={t`Products`}>
          {all.map(({ product_id: id, name, prices, active }) => (
            <li key={id} className="row row-product">
              <span className="row-what">
                {role === 'merchant' ? (
                  <Link to={`/merchant/catalogue/${encodeURIComponent(id)}`}>{name}</Link>
                ) : (
                  <strong>{name}</strong>
                )}
                <code className="muted">{id}</code>
                {!active && <Badge status={{ label: t`Off sale`, tone: 'neutral' }} />}
              </span>
              <ul className="prices" aria-label={t`Prices of ${name}`}>
                {Object.entries(prices).map(([currency, amount]) => (
                  <li key={currency}>{formatAmount(amount, currency)}</li>
                ))}
              </ul>
            </li>
          ))}
        </ul>
      )}
      <ShowMore query={products} what={t`products`} />
      <p className="muted small">
        <Trans>Shoppers see a change within a minute.</Trans>
      </p>
    </>
  );
}
