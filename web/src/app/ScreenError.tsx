import { useEffect } from 'react';
import { useLocation, useRouteError } from 'react-router';

import { Alert } from '@/components/Alert';

import { comeBack, isLoadFailure, isSiteReachable } from './comeBack';

/** Shown when a screen throws or its code cannot be loaded, for example after a new release. */
export function ScreenError() {
  const error = useRouteError();
  const { pathname } = useLocation();
  const couldNotLoad = isLoadFailure(error);
  useEffect(() => console.error(error), [error]);
  useEffect(() => {
    if (!couldNotLoad) return;
    const left = new AbortController();
    comeBack({
      isReachable: isSiteReachable,
      nextChance: () => online(left.signal),
      reload: () => {
        if (!left.signal.aborted) location.reload();
      },
      storage: sessionStorage,
      failed: `${import.meta.url} ${pathname}`,
    }).catch(() => undefined);
    return () => left.abort();
  }, [couldNotLoad, pathname]);
  return (
    <div className="narrow">
      {couldNotLoad ? (
        <Alert title="We could not load this page" cause={error}>
          <p>
            Check your internet connection. The page comes back by itself once you are online, and
            nothing you have paid is lost.
          </p>
          <Again />
        </Alert>
      ) : (
        <Alert title="We could not show this page" cause={error}>
          <p>Try again. If you were paying, you cannot be charged twice for the same order.</p>
          <Again />
        </Alert>
      )}
    </div>
  );
}

function Again() {
  return (
    <button type="button" className="button button-secondary" onClick={() => location.reload()}>
      Try again
    </button>
  );
}

/** The line is back, or may be: a phone does not always tell. */
function online(left: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, 5000);
    addEventListener('online', () => resolve(), { once: true, signal: left });
    left.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new Error('The screen was left'));
    });
  });
}
