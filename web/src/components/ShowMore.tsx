import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useLayoutEffect, useRef, useState } from 'react';

interface PagedQuery {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

/** Loads the next page. After the last one, a sentence takes the place and focus of the button. */
export function ShowMore({ query, what }: { query: PagedQuery; what: string }) {
  const [wasPressed, setWasPressed] = useState(false);
  const end = useRef<HTMLParagraphElement>(null);
  const isAtEnd = wasPressed && !query.hasNextPage;
  useLayoutEffect(() => {
    // The browser has dropped the focus, unless the user has moved on.
    if (isAtEnd && document.activeElement === document.body) end.current?.focus();
  }, [isAtEnd]);
  if (isAtEnd) {
    return (
      <p ref={end} tabIndex={-1} className="muted small">
        <Trans>There are no more {what}.</Trans>
      </p>
    );
  }
  if (!query.hasNextPage) return null;
  return (
    <button
      type="button"
      className="button button-secondary"
      aria-disabled={query.isFetchingNextPage}
      onClick={() => {
        setWasPressed(true);
        if (!query.isFetchingNextPage) void query.fetchNextPage();
      }}
    >
      {query.isFetchingNextPage ? t`Loading…` : t`Show more ${what}`}
    </button>
  );
}
