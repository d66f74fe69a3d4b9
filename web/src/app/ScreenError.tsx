import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useEffect } from 'react';

import { Alert } from '@/components/Alert';
import { useLocation } from '@/lib/routing';

import { comeBack, isLoadFailure, isSiteReachable } from './comeBack';

/** Shown when a screen throws or its code cannot be loaded, for example after a new release. */
export function ScreenError({ error }: { error: unknown }) {
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
        <Alert title={t`We could not load this page`} cause={error}>
          <p>
            <Trans>
              Check your internet connection. The page comes back by itself once you are online, and
              nothing you have paid is lost.
            </Trans>
          </p>
          <Again />
        </Alert>
      ) : (
        <Alert title={t`We could not show this page`} cause={error}>
          <p>
            <Trans>
              Try again. If you were paying, you cannot be charged twice for the same order.
            </Trans>
          </p>
          <Again />
        </Alert>
      )}
    </div>
  );
}

function Again() {
  return (
    <button type="button" className="button button-secondary" onClick={() => location.reload()}>
      <Trans>Try again</Trans>
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
