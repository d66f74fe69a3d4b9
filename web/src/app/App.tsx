import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';

import { ApiProvider } from '@/api/client';
import { StartedPaymentsProvider } from '@/features/checkout/useStartedPayments';
import { SessionProvider } from '@/features/session/useSession';
import { ConfigProvider } from '@/lib/useConfig';

import { Pages } from './Pages';
import type { Services } from './services';

export function App({ services }: { services: Services }) {
  const { api, startedPayments, config, queries, session } = services;
  return (
    <StrictMode>
      <ConfigProvider value={config}>
        <SessionProvider value={session}>
          <ApiProvider value={api}>
            <StartedPaymentsProvider value={startedPayments}>
              <QueryClientProvider client={queries}>
                <Pages />
              </QueryClientProvider>
            </StartedPaymentsProvider>
          </ApiProvider>
        </SessionProvider>
      </ConfigProvider>
    </StrictMode>
  );
}
