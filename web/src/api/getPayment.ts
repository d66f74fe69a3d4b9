import { queryOptions, useQuery } from '@tanstack/react-query';

import { type Api, type PaymentWithHistory, unwrap, useApi } from './client';

/** GET /payments/{payment_id} */
export function getPayment(api: Api, paymentId: string): Promise<PaymentWithHistory> {
  return unwrap(api.GET('/payments/{payment_id}', { params: { path: { payment_id: paymentId } } }));
}

// While the bank is processing the payment, the page polls for its outcome.
const POLL_INTERVAL_MS = 3000;

export function paymentQuery(api: Api, paymentId: string) {
  return queryOptions({
    queryKey: ['payments', paymentId],
    queryFn: () => getPayment(api, paymentId),
    refetchInterval: ({ state }) =>
      state.data?.status === 'processing' ? POLL_INTERVAL_MS : false,
  });
}

export function usePayment(paymentId: string) {
  return useQuery(paymentQuery(useApi(), paymentId));
}
