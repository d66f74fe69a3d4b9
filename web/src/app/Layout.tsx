import {
  Link,
  NavLink,
  Outlet,
  ScrollRestoration,
  useLocation,
  useNavigate,
  useNavigation,
} from 'react-router';

import { BeingDeletedPage } from '@/features/account/BeingDeletedPage';
import { loginPath } from '@/features/session/nextPath';
import type { SessionState } from '@/features/session/session';
import { useSession, useSessionState } from '@/features/session/useSession';

import { Logo } from './Logo';

// What somebody still sees whose account is being deleted.
const OPEN_TO_THE_LAST: readonly string[] = ['/account', '/account/deleted', '/login'];

export function Layout() {
  const navigation = useNavigation();
  const state = useSessionState();
  const { pathname } = useLocation();
  const isClosed = isBeingDeleted(state) && !OPEN_TO_THE_LAST.includes(pathname);
  return (
    <>
      <a className="skip-link" href="#main">
        Skip to main content
      </a>
      <Header />
      <div className="progress" aria-hidden="true" hidden={navigation.state === 'idle'} />
      <main id="main" tabIndex={-1}>
        {isClosed ? <BeingDeletedPage key={pathname} /> : <Outlet />}
      </main>
      <footer className="footer">
        <p>Card payments by Stripe. Till never sees your card number.</p>
        <a href="/docs/index.html">API documentation</a>
      </footer>
      <ScrollRestoration />
    </>
  );
}

function Header() {
  const state = useSessionState();
  const isActive = state.status === 'active';
  return (
    <header className="header">
      <div className="header-inner">
        <Link className="logo" to="/" aria-label="Till home">
          <Logo />
        </Link>
        <nav className="nav" aria-label="Main">
          <NavLink to="/" end>
            Shop
          </NavLink>
          {isActive && !isBeingDeleted(state) && (
            <>
              <NavLink to="/cards">Cards</NavLink>
              <NavLink to="/payments">Purchases</NavLink>
              {state.person.staff !== undefined && <NavLink to="/merchant">Console</NavLink>}
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
        <Link to={isLogin || here.pathname === '/' ? '/login' : loginPath(here)}>Log in</Link>
        <Link className="button button-primary button-small" to="/register">
          Register
        </Link>
      </div>
    );
  }
  const logOut = async () => {
    // Leave first: a screen that needs a session would redirect to the login page.
    await navigate('/', { flushSync: true });
    await session.logOut();
  };
  return (
    <div className="account">
      <Link className="account-name" to="/account" title={state.person.email}>
        <span className="visually-hidden">Your account: </span>
        {state.person.name || state.person.email}
      </Link>
      <button type="button" className="button button-secondary button-small" onClick={logOut}>
        Log out
      </button>
    </div>
  );
}
