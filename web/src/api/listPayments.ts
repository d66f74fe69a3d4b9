import { useInfiniteQuery } from '@tanstack/react-query';

import { type Api, unwrap, useApi } from './client';

/** GET /payments: newest first */
export function listPayments(api: Api, cursor: string | null) {
  return unwrap(api.GET('/payments', { params: { query: cursor === null ? {} : { cursor } } }));
}

export function usePayments() {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: ['payments', 'list'],
    queryFn: ({ pageParam }) => listPayments(api, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}
