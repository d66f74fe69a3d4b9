/** The way back to where a person was when they had to log in. */
export function loginPath(from: { pathname: string; search: string }): string {
  return `/login?${new URLSearchParams({ next: from.pathname + from.search }).toString()}`;
}

/** Where to go after the log-in: a path of this app, whatever the address bar was given. */
export function nextPath(search: URLSearchParams, fallback = '/'): string {
  const next = search.get('next');
  if (next === null) return fallback;
  try {
    const url = new URL(next, location.origin);
    const isHere = url.origin === location.origin && next.startsWith('/');
    return isHere ? url.pathname + url.search : fallback;
  } catch {
    return fallback;
  }
}
