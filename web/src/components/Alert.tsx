import { type ReactNode, useLayoutEffect, useRef } from 'react';

interface AlertProps {
  /** A refusal is told as part of the page, in the colour of an error: it happened before. */
  kind?: 'error' | 'refusal' | 'info' | 'success';
  title: string;
  children?: ReactNode;
  /** What caused it. A new cause moves the focus here again. */
  cause?: unknown;
}

/** Something the user needs to know now. An error takes the focus, so that it is not missed. */
export function Alert({ kind = 'error', title, children, cause }: AlertProps) {
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (kind === 'error') element.current?.focus();
  }, [kind, title, cause]);
  return (
    <div
      ref={element}
      className={`alert alert-${kind === 'refusal' ? 'error' : kind}`}
      role={kind === 'error' ? 'alert' : 'status'}
      tabIndex={-1}
    >
      <strong className="alert-title">{title}</strong>
      {children !== undefined && <div className="alert-body">{children}</div>}
    </div>
  );
}
