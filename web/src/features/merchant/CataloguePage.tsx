import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { Link, useLocation } from 'react-router';

import { PRODUCTS_KEY, useProducts } from '@/api/listProducts';
import { Loading } from '@/components/Loading';
import { PageHeading } from '@/components/PageHeading';
import { ShowMore } from '@/components/ShowMore';
import type { StaffRole } from '@/features/session';
import { formatAmount } from '@/lib/money';

import { StaffLoadError } from './StaffProblem';

/** What is for sale. CloudFront keeps it for a minute, so a change is not here at once. */
export function CataloguePage({ role }: { role: StaffRole }) {
  const products = useProducts();
  const queries = useQueryClient();
  const { state } = useLocation() as { state: { said?: string } | null };
  const outcome = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (state?.said !== undefined) outcome.current?.focus();
  }, [state]);
  const all = products.data?.pages.flatMap(({ data }) => data);
  return (
    <>
      <PageHeading title="Catalogue">
        {role === 'merchant' && (
          <Link className="button button-primary" to="/merchant/catalogue/new">
            Add a product
          </Link>
        )}
      </PageHeading>
      <p ref={outcome} className="outcome" role="status" tabIndex={-1}>
        {state?.said}
      </p>
      {products.isPending && <Loading what="the catalogue" />}
      {products.isError && <StaffLoadError error={products.error} onRetry={products.refetch} />}
      {all?.length === 0 && !products.hasNextPage && (
        <p className="empty">There is nothing for sale.</p>
      )}
      {all && all.length > 0 && (
        <ul className="rows" aria-label="Products">
          {all.map(({ product_id: id, name, prices }) => (
            <li key={id} className="row row-product">
              <span className="row-what">
                {role === 'merchant' ? (
                  <Link to={`/merchant/catalogue/${encodeURIComponent(id)}`}>{name}</Link>
                ) : (
                  <strong>{name}</strong>
                )}
                <code className="muted">{id}</code>
              </span>
              <ul className="prices" aria-label={`Prices of ${name}`}>
                {Object.entries(prices).map(([currency, amount]) => (
                  <li key={currency}>{formatAmount(amount, currency)}</li>
                ))}
              </ul>
            </li>
          ))}
        </ul>
      )}
      <ShowMore query={products} what="products" />
      <p className="muted small">
        Shoppers see a change within a minute.{' '}
        <button
          type="button"
          className="link"
          onClick={() => void queries.invalidateQueries({ queryKey: PRODUCTS_KEY })}
        >
          Load it again
        </button>
      </p>
    </>
  );
}
