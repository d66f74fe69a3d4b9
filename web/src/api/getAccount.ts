import { useQuery } from '@tanstack/react-query';

import { unwrap, useApi } from './client';

/** GET /account. It also tells Stripe of a verified change of the email address. */
export function useAccount() {
  const api = useApi();
  return useQuery({
    queryKey: ['account'],
    queryFn: () => unwrap(api.GET('/account')),
  });
}
