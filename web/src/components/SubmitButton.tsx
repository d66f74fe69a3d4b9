import type { ReactNode } from 'react';

import { Spinner } from './Spinner';

/** The button of a form; while the form works it stays in place, and focused, but does nothing. */
export function SubmitButton({ busy, children }: { busy: boolean; children: ReactNode }) {
  return (
    <button type="submit" className="button button-primary" aria-disabled={busy}>
      {busy && <Spinner />}
      {children}
    </button>
  );
}
