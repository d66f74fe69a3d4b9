import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';

import { useProducts } from '@/api/listProducts';
import { LoadError } from '@/components/LoadError';
import { Loading } from '@/components/Loading';
import { PageHeading } from '@/components/PageHeading';
import { ShowMore } from '@/components/ShowMore';
import { currencyName } from '@/lib/money';

import { offeredCurrencies } from './currency';
import { ProductCard } from './ProductCard';
import { usePreferredCurrency } from './usePreferredCurrency';

export function ShopPage() {
  const products = useProducts();
  const [preferred, choose] = usePreferredCurrency();
  const all = products.data?.pages.flatMap(({ data }) => data);
  const offered = offeredCurrencies(all ?? []);
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
      {products.isPending && <Loading what={t`products`} blocks={6} />}
      {products.isError && <LoadError error={products.error} onRetry={products.refetch} />}
      {all?.length === 0 && !products.hasNextPage && (
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
