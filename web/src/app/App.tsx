import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode, useState } from 'react';
import { RouterProvider } from 'react-router/dom';

import { AttemptsProvider } from '@/features/checkout/useAttempts';
import { SessionProvider } from '@/features/session/useSession';
import { ApiProvider } from '@/lib/api/client';
import { ConfigProvider } from '@/lib/useConfig';

import { createRouter } from './routes';
import type { Services } from './services';

export function App({ services }: { services: Services }) {
  const { api, attempts, config, queries, session } = services;
  const [router] = useState(createRouter);
  return (
    <StrictMode>
      <ConfigProvider value={config}>
        <SessionProvider value={session}>
          <ApiProvider value={api}>
            <AttemptsProvider value={attempts}>
              <QueryClientProvider client={queries}>
                <RouterProvider router={router} />
              </QueryClientProvider>
            </AttemptsProvider>
          </ApiProvider>
        </SessionProvider>
      </ConfigProvider>
    </StrictMode>
  );
}
