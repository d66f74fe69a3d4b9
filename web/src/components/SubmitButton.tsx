import type { ReactNode } from 'react';

import { Spinner } from './Spinner';

/** A form's submit button. While the form is busy it keeps its place and focus but does nothing. */
export function SubmitButton({ busy, children }: { busy: boolean; children: ReactNode }) {
  return (
    <button type="submit" className="button button-primary" aria-disabled={busy}>
      {busy && <Spinner />}
      {children}
    </button>
  );
}
