import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { type ReactNode, Suspense } from 'react';

import { Loading } from '@/components/Loading';
import { CartLink } from '@/features/cart';
import { BeingDeletedPage } from '@/features/account/BeingDeletedPage';
import { loginPath } from '@/features/session/nextPath';
import type { SessionState } from '@/features/session/session';
import { useSession, useSessionState } from '@/features/session/useSession';
import {
  ErrorBoundary,
  Link,
  NavLink,
  useLocation,
  useNavigate,
  useScrollToTop,
} from '@/lib/routing';
import { useShop } from '@/lib/useConfig';

import { Footer } from './Footer';
import { Logo } from './Logo';
import { ScreenError } from './ScreenError';

// What somebody still sees whose account is being deleted.
const OPEN_TO_THE_LAST: readonly string[] = ['/account', '/account/deleted', '/login'];

/** What is around every screen, and stays when one is still loading or fails. */
export function Layout({ children }: { children: ReactNode }) {
  useScrollToTop();
  const state = useSessionState();
  const { pathname } = useLocation();
  const isClosed = isBeingDeleted(state) && !OPEN_TO_THE_LAST.includes(pathname);
  return (
    <>
      <a className="skip-link" href="#main">
        <Trans>Skip to main content</Trans>
      </a>
      <Header />
      <main id="main" tabIndex={-1}>
        {isClosed ? (
          <BeingDeletedPage key={pathname} />
        ) : (
          <ErrorBoundary place={pathname} fallback={(error) => <ScreenError error={error} />}>
            <Suspense fallback={<Loading what={t`the page`} />}>{children}</Suspense>
          </ErrorBoundary>
        )}
      </main>
      <Footer />
    </>
  );
}

function Header() {
  const { name: shop } = useShop();
  const state = useSessionState();
  const isActive = state.status === 'active';
  return (
    <header className="header">
      <div className="header-inner">
        <Link className="logo" to="/" aria-label={t`${shop} home`}>
          <Logo />
        </Link>
        <nav className="nav" aria-label={t`Main`}>
          <NavLink to="/" end>
            <Trans>Shop</Trans>
          </NavLink>
          {!isBeingDeleted(state) && <CartLink />}
          {isActive && !isBeingDeleted(state) && (
            <>
              <NavLink to="/cards">
                <Trans>Cards</Trans>
              </NavLink>
              <NavLink to="/payments">
                <Trans>Purchases</Trans>
              </NavLink>
              {state.person.staff !== undefined && (
                <NavLink to="/merchant">
                  <Trans>Console</Trans>
                </NavLink>
              )}
            </>
          )}
        </nav>
        <Account />
      </div>
    </header>
  );
}

function isBeingDeleted(state: SessionState): boolean {
  return state.status === 'active' && state.person.beingDeleted;
}

function Account() {
  const session = useSession();
  const state = useSessionState();
  const navigate = useNavigate();
  const here = useLocation();
  if (state.status !== 'active') {
    const isLogin = /^\/(login|register|confirm|forgot-password)$/.test(here.pathname);
    return (
      <div className="account">
        <Link to={isLogin || here.pathname === '/' ? '/login' : loginPath(here)}>
          <Trans>Log in</Trans>
        </Link>
        <Link className="button button-primary button-small" to="/register">
          <Trans>Register</Trans>
        </Link>
      </div>
    );
  }
  const logOut = async () => {
    // Leave first: a screen that needs a session would redirect to the login page.
    await navigate('/');
    await session.logOut();
  };
  return (
    <div className="account">
      <Link className="account-name" to="/account" title={state.person.email}>
        <span className="visually-hidden">
          <Trans>Your account:</Trans>{' '}
        </span>
        {state.person.name || state.person.email}
      </Link>
      <button type="button" className="button button-secondary button-small" onClick={logOut}>
        <Trans>Log out</Trans>
      </button>
    </div>
  );
}
