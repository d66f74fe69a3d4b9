import { type InfiniteData, useInfiniteQuery, useQuery } from '@tanstack/react-query';

import { type Api, useApi } from '@/api/client';

import {
  findInCatalogue,
  getMerchantOrder,
  getMerchantPayment,
  listCatalogue,
  listRefunds,
  searchOrders,
  searchPayments,
} from './merchantApi';
import type { OrderFilters, Page, PaymentFilters } from './types';

/** Everything that the console knows is under this name, and is forgotten when somebody logs out. */
export const MERCHANT_KEY = ['merchant'];

// While the bank is processing a payment, the page asks for its outcome.
const POLL_INTERVAL_MS = 3000;

export function useMerchantPayment(paymentId: string) {
  const api = useApi();
  return useQuery({
    queryKey: [...MERCHANT_KEY, 'payment', paymentId],
    queryFn: () => getMerchantPayment(api, paymentId),
    refetchInterval: ({ state }) =>
      state.data?.status === 'processing' ? POLL_INTERVAL_MS : false,
  });
}

export function useRefunds(paymentId: string) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: [...MERCHANT_KEY, 'refunds', paymentId],
    queryFn: ({ pageParam }) => listRefunds(api, paymentId, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

export function useMerchantOrder(orderId: string) {
  const api = useApi();
  return useQuery({
    queryKey: [...MERCHANT_KEY, 'order', orderId],
    queryFn: () => getMerchantOrder(api, orderId),
  });
}

export const CATALOGUE_KEY = [...MERCHANT_KEY, 'catalogue'];

export function useCatalogue() {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: [...CATALOGUE_KEY, 'list'],
    queryFn: ({ pageParam }) => listCatalogue(api, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** One product, on sale or not; null if there is none with this id. */
export function useCatalogueProduct(productId: string) {
  const api = useApi();
  return useQuery({
    queryKey: [...CATALOGUE_KEY, 'one', productId],
    queryFn: () => findInCatalogue(api, productId),
  });
}

export const useMerchantPayments = (filters: PaymentFilters) =>
  useSearch('payments', searchPayments, filters);

export const useMerchantOrders = (filters: OrderFilters) =>
  useSearch('orders', searchOrders, filters);

function useSearch<Item, Filters>(
  what: string,
  search: (api: Api, filters: Filters, cursor: string | null) => Promise<Page<Item>>,
  filters: Filters,
) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: [...MERCHANT_KEY, what, filters],
    queryFn: ({ pageParam }) => search(api, filters, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

export function itemsOf<Item>(data: InfiniteData<Page<Item>> | undefined): Item[] | undefined {
  return data?.pages.flatMap((page) => page.data);
}
