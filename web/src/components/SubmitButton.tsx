import type { ReactNode } from 'react';

import { Spinner } from './Spinner';

/** A form's submit button. While the form is busy it keeps its place and focus but does nothing. */
export function SubmitButton({
  busy,
  danger = false,
  children,
}: {
  busy: boolean;
  /** It cannot be undone. */
  danger?: boolean;
  children: ReactNode;
}) {
  return (
    <button
      type="submit"
      className={`button ${danger ? 'button-danger' : 'button-primary'}`}
      aria-disabled={busy}
    >
      {busy && <Spinner />}
      {children}
    </button>
  );
}
