import { useEffect } from 'react';
import { useRouteError } from 'react-router';

import { Alert } from '@/components/Alert';

/** When a screen breaks or its code cannot be loaded, as after a new release. */
export function ScreenError() {
  const error = useRouteError();
  useEffect(() => console.error(error), [error]);
  return (
    <div className="narrow">
      <Alert title="This screen could not be shown" cause={error}>
        <p>Reload the page. If you were paying: you cannot be charged twice for the same order.</p>
        <button type="button" className="button button-secondary" onClick={() => location.reload()}>
          Reload
        </button>
      </Alert>
    </div>
  );
}
