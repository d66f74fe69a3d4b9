import { useEffect } from 'react';
import { useRouteError } from 'react-router';

import { Alert } from '@/components/Alert';

/** Shown when a screen throws or its code cannot be loaded, for example after a new release. */
export function ScreenError() {
  const error = useRouteError();
  useEffect(() => console.error(error), [error]);
  return (
    <div className="narrow">
      <Alert title="We could not show this page" cause={error}>
        <p>Reload the page. If you were paying, you cannot be charged twice for the same order.</p>
        <button type="button" className="button button-secondary" onClick={() => location.reload()}>
          Reload
        </button>
      </Alert>
    </div>
  );
}
