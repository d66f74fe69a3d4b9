import { useParams, useSearchParams } from 'react-router';

import { useProducts } from '@/api/listProducts';
import { localProblem } from '@/api/problem';
import { LoadError } from '@/components/LoadError';
import { Loading } from '@/components/Loading';
import { PageHeading } from '@/components/PageHeading';
import { ProblemAlert } from '@/components/ProblemAlert';
import { priceOf, usePreferredCurrency } from '@/features/shop';

import { NewPayment } from './NewPayment';

const NOT_FOUND = localProblem('product_not_found', 'The product was not found');
const MAX_QUANTITY = 10;

/** The order is in the URL, so that it survives logging in or adding a card on the way. */
export function CheckoutPage() {
  const { productId } = useParams();
  const [search] = useSearchParams();
  const [preferred] = usePreferredCurrency();
  const products = useProducts();
  const product = products.data?.find(({ product_id: id }) => id === productId);
  const price = product && priceOf(product, search.get('currency') ?? preferred);
  const asked = Number.parseInt(search.get('quantity') ?? '1', 10);
  const quantity = Math.min(Math.max(Number.isNaN(asked) ? 1 : asked, 1), MAX_QUANTITY);
  return (
    <>
      <PageHeading title="Checkout" />
      {products.isPending && <Loading what="your order" />}
      {products.isError && <LoadError error={products.error} onRetry={products.refetch} />}
      {products.isSuccess && !price && <ProblemAlert problem={NOT_FOUND} />}
      {product && price && (
        <NewPayment
          product={product}
          quantity={quantity}
          maxQuantity={MAX_QUANTITY}
          unitPrice={price}
        />
      )}
    </>
  );
}
