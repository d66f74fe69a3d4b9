import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { useApi } from '@/api/client';

import { bounds, type Day } from './days';
import { readPayments } from './merchantApi';
import { MERCHANT_KEY } from './queries';
import type { PaymentFilters } from './types';

/** As many as are read for the charts: fifty pages. A shop that has more looks at fewer days. */
const MOST = 5000;
/** Of those that wait for something, whatever their age. */
const MOST_WAITING = 1000;

/** The payments of these days, and how many of them have been read so far. */
export function usePaymentsOf(days: readonly Day[]) {
  const [first = '', last = ''] = [days[0], days.at(-1)];
  const [progress, setProgress] = useState(0);
  const query = useRead(bounds(first, last), MOST, setProgress);
  return { ...query, progress };
}

/** All payments with this status. */
export function usePaymentsWaiting(status: 'requires_capture' | 'disputed') {
  return useRead({ status }, MOST_WAITING);
}

function useRead(filters: PaymentFilters, most: number, onProgress?: (count: number) => void) {
  const api = useApi();
  return useQuery({
    queryKey: [...MERCHANT_KEY, 'overview', filters],
    queryFn: ({ signal }) =>
      readPayments(api, filters, { most, signal, ...(onProgress && { onProgress }) }),
    // It is many requests: only who asks for it gets it again.
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
}
