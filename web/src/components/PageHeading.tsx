import { type ReactNode, useEffect, useRef } from 'react';
import { useLocation } from 'react-router';

/** The heading of a screen: names the document, and takes the focus when one arrives at it. */
export function PageHeading({ title, children }: { title: string; children?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { key } = useLocation();
  useEffect(() => {
    document.title = `${title} · Till`;
  }, [title]);
  useEffect(() => {
    // The browser itself tells about the first page.
    if (key !== 'default') heading.current?.focus();
    // Only on arrival: a changed query string is no other screen.
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
