import { useInfiniteQuery } from '@tanstack/react-query';

import { type Api, unwrap, useApi } from './client';

/** GET /payment-methods */
export function listPaymentMethods(api: Api, cursor: string | null) {
  return unwrap(
    api.GET('/payment-methods', { params: { query: cursor === null ? {} : { cursor } } }),
  );
}

export const PAYMENT_METHODS_KEY = ['payment-methods'];

export function usePaymentMethods() {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: PAYMENT_METHODS_KEY,
    queryFn: ({ pageParam }) => listPaymentMethods(api, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}
