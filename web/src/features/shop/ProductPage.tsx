import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';

import { useProduct } from '@/api/getProduct';
import { ApiError, localProblem } from '@/api/problem';
import { LoadError } from '@/components/LoadError';
import { Loading } from '@/components/Loading';
import { PageHeading } from '@/components/PageHeading';
import { ProblemAlert } from '@/components/ProblemAlert';
import { AddToCart } from '@/features/cart';
import { formatAmount } from '@/lib/money';
import { Link, useParams } from '@/lib/routing';

import { priceOf } from './currency';
import { ProductImage } from './ProductImage';
import { usePreferredCurrency } from './usePreferredCurrency';

/** One product, at an address of its own. */
export function ProductPage() {
  const { productId = '' } = useParams();
  const [preferred] = usePreferredCurrency();
  const { data: product, error, isPending, refetch } = useProduct(productId);
  if (isPending) {
    return (
      <>
        <PageHeading title={t`Product`} />
        <Loading what={t`the product`} blocks={2} />
      </>
    );
  }
  if (!product) {
    const isGone = error instanceof ApiError && error.problem.status === 404;
    return (
      <>
        <PageHeading title={t`Product`} />
        {isGone ? (
          <ProblemAlert problem={localProblem('product_not_found', 'The product was not found')} />
        ) : (
          <LoadError error={error} onRetry={refetch} />
        )}
        <p>
          <Link to="/">
            <Trans>Back to the shop</Trans>
          </Link>
        </p>
      </>
    );
  }
  const price = priceOf(product, preferred);
  return (
    <article className="product-page">
      <ProductImage product={product} lazy={false} />
      <div className="product-page-text">
        <PageHeading title={product.name} />
        <p>{product.description}</p>
        {price ? (
          <>
            <p className="price">{formatAmount(price.amount, price.currency)}</p>
            <div className="actions">
              <Link
                className="button button-primary"
                to={`/checkout/${encodeURIComponent(productId)}?currency=${price.currency}`}
              >
                <Trans>Buy now</Trans>
              </Link>
              <AddToCart product={product} />
            </div>
          </>
        ) : (
          <p className="muted">
            <Trans>Not available at the moment.</Trans>
          </p>
        )}
        <p>
          <Link to="/">
            <Trans>Back to the shop</Trans>
          </Link>
        </p>
      </div>
    </article>
  );
}
