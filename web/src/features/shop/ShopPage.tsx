import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useEffect } from 'react';

import { useProducts } from '@/api/listProducts';
import { LoadError } from '@/components/LoadError';
import { Loading } from '@/components/Loading';
import { PageHeading } from '@/components/PageHeading';
import { ShowMore } from '@/components/ShowMore';
import { currencyName } from '@/lib/money';
import { useSearchParams } from '@/lib/routing';

import { offeredCurrencies } from './currency';
import { ProductCard } from './ProductCard';
import { Search } from './Search';
import { usePreferredCurrency } from './usePreferredCurrency';

/** So many are looked through by eye. */
const FEW = 12;

export function ShopPage() {
  const [search] = useSearchParams();
  const words = (search.get('q') ?? '').trim();
  const products = useProducts(words);
  const [preferred, choose] = usePreferredCurrency();
  const all = products.data?.pages.flatMap(({ data }) => data);
  const offered = offeredCurrencies(all ?? []);
  const isSearching = words !== '';
  useNextIfEmpty(products, isSearching && all?.length === 0);
  return (
    <>
      <PageHeading title={t`Shop`}>
        {offered.length > 1 && (
          <label className="currency-choice">
            <span>
              <Trans>Currency</Trans>
            </span>
            <select
              className="input"
              value={preferred !== null && offered.includes(preferred) ? preferred : ''}
              onChange={(event) => choose(event.target.value)}
            >
              {(preferred === null || !offered.includes(preferred)) && (
                <option value="" disabled>
                  <Trans>Default for each product</Trans>
                </option>
              )}
              {offered.map((currency) => (
                <option key={currency} value={currency}>
                  {currency.toUpperCase()} – {currencyName(currency)}
                </option>
              ))}
            </select>
          </label>
        )}
      </PageHeading>
      {(isSearching || (all && (all.length > FEW || products.hasNextPage))) && (
        <Search key={words} words={words} found={products.hasNextPage ? null : all?.length} />
      )}
      {products.isPending && <Loading what={t`products`} blocks={6} asProducts />}
      {products.isError && <LoadError error={products.error} onRetry={products.refetch} />}
      {!isSearching && all?.length === 0 && !products.hasNextPage && (
        <p className="empty">
          <Trans>There is nothing for sale at the moment.</Trans>
        </p>
      )}
      {all && (
        <ul className="products">
          {all.map((product) => (
            <ProductCard key={product.product_id} product={product} preferred={preferred} />
          ))}
        </ul>
      )}
      <ShowMore query={products} what={t`products`} />
    </>
  );
}

interface PagedQuery {
  hasNextPage: boolean;
  isFetching: boolean;
  fetchNextPage: () => unknown;
}

/** One request searches a part of the catalogue: without a find, the search goes on. */
function useNextIfEmpty({ hasNextPage, isFetching, fetchNextPage }: PagedQuery, isEmpty: boolean) {
  const goOn = isEmpty && hasNextPage && !isFetching;
  useEffect(() => {
    if (goOn) void fetchNextPage();
  }, [goOn, fetchNextPage]);
}
