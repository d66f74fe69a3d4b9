/** The path to the login page, with the way back to where the user was. */
export function loginPath(from: { pathname: string; search: string }): string {
  return `/login?${new URLSearchParams({ next: from.pathname + from.search }).toString()}`;
}

/** Where to go after login. Always a path of this app, even if the URL was tampered with. */
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
