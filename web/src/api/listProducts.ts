import { useInfiniteQuery } from '@tanstack/react-query';

import { type Api, unwrap, useApi } from './client';

export const PRODUCTS_KEY = ['products'];
export const PRODUCT_LIST_KEY = [...PRODUCTS_KEY, 'list'];

/** CloudFront keeps products for so long, too. */
export const PRODUCTS_STALE_AFTER_MS = 60_000;

/** GET /products: by name; with words, what has them all. The browser asks whether what it has kept is still right. */
export function listProducts(api: Api, cursor: string | null, words = '') {
  return unwrap(
    api.GET('/products', {
      params: { query: { ...(cursor !== null && { cursor }), ...(words !== '' && { q: words }) } },
      cache: 'no-cache',
    }),
  );
}

export function useProducts(words = '') {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: words === '' ? PRODUCT_LIST_KEY : [...PRODUCTS_KEY, 'search', words],
    queryFn: ({ pageParam }) => listProducts(api, pageParam, words),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    staleTime: PRODUCTS_STALE_AFTER_MS,
  });
}
