import type { ReactNode } from 'react';

import { Navigate, useLocation } from '@/lib/routing';

import { loginPath } from './nextPath';
import { useSessionState } from './useSession';

/** Screens that need a session. Without one, log in first and come back. */
export function RequireSession({ children }: { children: ReactNode }) {
  const { status } = useSessionState();
  const location = useLocation();
  if (status !== 'active') return <Navigate to={loginPath(location)} replace />;
  return children;
}
