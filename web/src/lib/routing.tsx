/** Addresses and screens: wouter, and the little that it leaves to the app. */
import { Component, type ReactNode, useLayoutEffect, useRef } from 'react';
import { Link } from 'wouter';
import { navigate, useHistoryState, usePathname, useSearch } from 'wouter/use-browser-location';

export { Link, Redirect as Navigate, Route, Switch, useParams, useSearchParams } from 'wouter';

interface Location {
  readonly pathname: string;
  /** With its question mark, or empty. */
  readonly search: string;
  /** What the page that led here has left, until the tab is closed. */
  readonly state: unknown;
}

export function useLocation(): Location {
  return { pathname: usePathname(), search: useSearch(), state: useHistoryState<unknown>() };
}

/** Goes to another address. The screen is another one once this has been awaited. */
export function useNavigate() {
  return go;
}

async function go(to: string, options?: { replace?: boolean; state?: unknown }): Promise<void> {
  navigate(to, options);
  await Promise.resolve();
}

interface NavLinkProps {
  to: string;
  /** Only this address is meant, and none below it. */
  end?: boolean;
  children: ReactNode;
}

/** A link that tells screen readers and styles whether its page is open. */
export function NavLink({ to, end = false, children }: NavLinkProps) {
  const pathname = usePathname();
  const isHere = pathname === to || (!end && pathname.startsWith(`${to}/`));
  return (
    <Link to={to} aria-current={isHere ? 'page' : undefined}>
      {children}
    </Link>
  );
}

/** A new screen begins at its top. Going back, the browser finds the place again. */
export function useScrollToTop(): void {
  const pathname = usePathname();
  const shown = useRef(pathname);
  const isBack = useRef(false);
  useLayoutEffect(() => {
    const goBack = () => (isBack.current = true);
    // Before wouter's own listener, which shows the screen.
    addEventListener('popstate', goBack, { capture: true });
    return () => removeEventListener('popstate', goBack, { capture: true });
  }, []);
  useLayoutEffect(() => {
    if (shown.current !== pathname && !isBack.current) scrollTo(0, 0);
    shown.current = pathname;
    isBack.current = false;
  }, [pathname]);
}

interface ErrorBoundaryProps {
  /** Another place starts anew. */
  place: string;
  fallback: (error: unknown) => ReactNode;
  children: ReactNode;
}

/** Shows something else in place of what throws or cannot be loaded. */
export class ErrorBoundary extends Component<
  ErrorBoundaryProps,
  { failed: { error: unknown } | null }
> {
  override state: { failed: { error: unknown } | null } = { failed: null };

  static getDerivedStateFromError(error: unknown) {
    return { failed: { error } };
  }

  override componentDidUpdate(before: ErrorBoundaryProps) {
    if (before.place !== this.props.place) this.setState({ failed: null });
  }

  override render() {
    const { failed } = this.state;
    return failed === null ? this.props.children : this.props.fallback(failed.error);
  }
}
