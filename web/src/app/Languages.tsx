import { i18n } from '@lingui/core';
import { t } from '@lingui/core/macro';

import { addressIn, OFFERED } from '@/lib/language';
import { useLocation } from '@/lib/routing';

/** This page in each language. They are links, because a page keeps its language until it is loaded again. */
export function Languages() {
  useLocation();
  return (
    <nav className="languages" aria-label={t`Language`}>
      {OFFERED.map(({ tag, name }) => (
        <a
          key={tag}
          href={addressIn(tag, location.href)}
          lang={tag}
          hrefLang={tag}
          aria-current={tag === i18n.locale ? 'true' : undefined}
        >
          {name}
        </a>
      ))}
    </nav>
  );
}
