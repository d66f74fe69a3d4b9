import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode, useState } from 'react';
import { RouterProvider } from 'react-router/dom';

import { ApiProvider } from '@/api/client';
import { StartedPaymentsProvider } from '@/features/checkout/useStartedPayments';
import { SessionProvider } from '@/features/session/useSession';
import { ConfigProvider } from '@/lib/useConfig';

import { createRouter } from './routes';
import type { Services } from './services';

export function App({ services }: { services: Services }) {
  const { api, startedPayments, config, queries, session } = services;
  const [router] = useState(createRouter);
  return (
    <StrictMode>
      <ConfigProvider value={config}>
        <SessionProvider value={session}>
          <ApiProvider value={api}>
            <StartedPaymentsProvider value={startedPayments}>
              <QueryClientProvider client={queries}>
                <RouterProvider router={router} />
              </QueryClientProvider>
            </StartedPaymentsProvider>
          </ApiProvider>
        </SessionProvider>
      </ConfigProvider>
    </StrictMode>
  );
}
