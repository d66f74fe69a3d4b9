import { useQuery } from '@tanstack/react-query';

import { loadStripeJs } from '@/lib/stripe';
import { useConfig } from '@/lib/useConfig';

/** Stripe.js, and whether it is still loading or has failed. */
export function useStripeJs() {
  const config = useConfig();
  return useQuery({
    queryKey: ['stripe.js'],
    queryFn: () => loadStripeJs(config),
    staleTime: Infinity,
    gcTime: Infinity,
    structuralSharing: false,
  });
}
