import { type ReactNode, useEffect, useLayoutEffect, useRef } from 'react';

import { useShop } from '@/lib/useConfig';

let isFirst = true;

/** A screen's heading. It sets the document title, and takes the focus when the screen opens. */
export function PageHeading({ title, children }: { title: string; children?: ReactNode }) {
  const { name: shop } = useShop();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = [title, shop].join(' · ');
  }, [title, shop]);
  // At once: a frame later, somebody who types already would lose a letter.
  useLayoutEffect(() => {
    // The browser announces the first page itself.
    if (!isFirst) heading.current?.focus();
    isFirst = false;
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
