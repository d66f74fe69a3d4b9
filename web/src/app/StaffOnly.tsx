import { t } from '@lingui/core/macro';
import { lazy, Suspense } from 'react';

import { Loading } from '@/components/Loading';
import { useSessionState } from '@/features/session/useSession';

import { NotFoundPage } from './NotFoundPage';

// The router would load it before it knows who asks.
const Console = lazy(async () => ({
  default: (await import('@/features/merchant/Console')).Console,
}));

/** The merchant's console. Nobody else loads it, and to nobody else it exists. */
export function StaffOnly() {
  const state = useSessionState();
  if (state.status !== 'active' || state.person.staff === undefined) return <NotFoundPage />;
  return (
    <Suspense fallback={<Loading what={t`the console`} />}>
      <Console person={state.person} role={state.person.staff} />
    </Suspense>
  );
}
