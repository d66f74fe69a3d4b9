import {
  type InfiniteData,
  type QueryClient,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';

import { type Api, type Product, unwrap, useApi } from './client';
import {
  type listProducts,
  PRODUCT_LIST_KEY,
  PRODUCTS_KEY,
  PRODUCTS_STALE_AFTER_MS,
} from './listProducts';

/** GET /products/{product_id} */
export function getProduct(api: Api, productId: string): Promise<Product> {
  return unwrap(
    api.GET('/products/{product_id}', {
      params: { path: { product_id: productId } },
      cache: 'no-cache',
    }),
  );
}

/** One product. It is not asked for if the list has just shown it. */
export function useProduct(productId: string) {
  const api = useApi();
  const queries = useQueryClient();
  return useQuery({
    queryKey: [...PRODUCTS_KEY, 'one', productId],
    queryFn: () => getProduct(api, productId),
    staleTime: PRODUCTS_STALE_AFTER_MS,
    initialData: () => listed(queries, productId),
    initialDataUpdatedAt: () => queries.getQueryState(PRODUCT_LIST_KEY)?.dataUpdatedAt,
  });
}

function listed(queries: QueryClient, productId: string): Product | undefined {
  type Page = Awaited<ReturnType<typeof listProducts>>;
  return queries
    .getQueryData<InfiniteData<Page>>(PRODUCT_LIST_KEY)
    ?.pages.flatMap(({ data }) => data)
    .find(({ product_id: id }) => id === productId);
}
