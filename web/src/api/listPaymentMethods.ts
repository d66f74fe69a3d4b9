import { type InfiniteData, type QueryClient, useInfiniteQuery } from '@tanstack/react-query';

import { type Api, type PaymentMethod, unwrap, useApi } from './client';

// The most that the API allows: nobody has so many, and the default card must not be on page two.
const LIMIT = 100;

/** GET /payment-methods */
export function listPaymentMethods(api: Api, cursor: string | null) {
  const query = { limit: LIMIT, ...(cursor !== null && { cursor }) };
  return unwrap(api.GET('/payment-methods', { params: { query } }));
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

/** Show a change to the saved cards at once; the next answer of the API replaces it. */
export function changeShownCards(
  queries: QueryClient,
  change: (card: PaymentMethod) => PaymentMethod | null,
): void {
  type Pages = InfiniteData<Awaited<ReturnType<typeof listPaymentMethods>>>;
  queries.setQueryData<Pages>(PAYMENT_METHODS_KEY, (shown) =>
    shown === undefined
      ? shown
      : {
          ...shown,
          pages: shown.pages.map((page) => ({
            ...page,
            data: page.data.map(change).filter((card) => card !== null),
          })),
        },
  );
}
