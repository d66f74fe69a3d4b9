import { queryOptions, useQuery } from '@tanstack/react-query';

import { type Api, type PaymentWithHistory, unwrap, useApi } from './client';

/** GET /payments/{payment_id} */
export function getPayment(api: Api, paymentId: string): Promise<PaymentWithHistory> {
  return unwrap(api.GET('/payments/{payment_id}', { params: { path: { payment_id: paymentId } } }));
}

// It may be in the hands of a bank; the page follows it until it is decided.
const FOLLOW_EVERY_MS = 3000;

export function paymentQuery(api: Api, paymentId: string) {
  return queryOptions({
    queryKey: ['payments', paymentId],
    queryFn: () => getPayment(api, paymentId),
    refetchInterval: ({ state }) => (state.data?.status === 'processing' ? FOLLOW_EVERY_MS : false),
  });
}

export function usePayment(paymentId: string) {
  return useQuery(paymentQuery(useApi(), paymentId));
}
