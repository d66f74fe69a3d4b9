import type { ReactNode } from 'react';

/** What became of a form. It is there before it says anything, so that it is read out. */
export function Outcome({ children }: { children: ReactNode }) {
  return (
    <p className="outcome" role="status">
      {children}
    </p>
  );
}
