import { type ReactNode, useEffect, useRef } from 'react';
import { useLocation } from 'react-router';

/** A screen's heading. It sets the document title, and takes the focus when the screen opens. */
export function PageHeading({ title, children }: { title: string; children?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { key } = useLocation();
  useEffect(() => {
    document.title = `${title} · Till`;
  }, [title]);
  useEffect(() => {
    // The browser announces the first page itself.
    if (key !== 'default') heading.current?.focus();
    // Only when the screen opens: a new query string does not make it another screen.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  return (
    <div className="page-heading">
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </div>
  );
}
