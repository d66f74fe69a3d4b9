import { t } from '@lingui/core/macro';

import { useProduct } from '@/api/getProduct';
import { ApiError, localProblem } from '@/api/problem';
import { LoadError } from '@/components/LoadError';
import { Loading } from '@/components/Loading';
import { PageHeading } from '@/components/PageHeading';
import { ProblemAlert } from '@/components/ProblemAlert';
import { priceOf, usePreferredCurrency } from '@/features/shop';
import { MAX_QUANTITY } from '@/lib/purchaseLimits';
import { useParams, useSearchParams } from '@/lib/routing';

import { NewPayment } from './NewPayment';

const NOT_FOUND = localProblem('product_not_found', 'The product was not found');

/** The order is in the URL, so that it survives logging in or adding a card on the way. */
export function CheckoutPage() {
  const { productId = '' } = useParams();
  const [search] = useSearchParams();
  const [preferred] = usePreferredCurrency();
  const product = useProduct(productId);
  const isGone = product.error instanceof ApiError && product.error.problem.status === 404;
  const price = product.data && priceOf(product.data, search.get('currency') ?? preferred);
  const asked = Number.parseInt(search.get('quantity') ?? '1', 10);
  const quantity = Math.min(Math.max(Number.isNaN(asked) ? 1 : asked, 1), MAX_QUANTITY);
  return (
    <>
      <PageHeading title={t`Checkout`} />
      {product.isPending && <Loading what={t`your order`} />}
      {product.isError && !isGone && <LoadError error={product.error} onRetry={product.refetch} />}
      {(isGone || (product.isSuccess && !price)) && <ProblemAlert problem={NOT_FOUND} />}
      {product.data && price && !isGone && (
        <NewPayment
          product={product.data}
          quantity={quantity}
          maxQuantity={MAX_QUANTITY}
          unitPrice={price}
        />
      )}
    </>
  );
}
