import { Navigate, Outlet, useLocation } from 'react-router';

import { loginPath } from './nextPath';
import { useSessionState } from './useSession';

/** Screens behind the log-in, which leads back to where the person was. */
export function RequireSession() {
  const { status } = useSessionState();
  const location = useLocation();
  if (status !== 'active') return <Navigate to={loginPath(location)} replace />;
  return <Outlet />;
}
