/**
 * The page's frame, in the page itself: it is painted as soon as index.html is there, in the right colours, while
 * styles and scripts still come. The styles of the app no longer hold it up.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { Plugin } from 'vite';

const STYLE = fileURLToPath(new URL('./shell.css', import.meta.url));
const STYLESHEET = /\n *<link rel="stylesheet"[^>]*>/g;

export function shell(): Plugin {
  return {
    name: 'till-shell',
    transformIndexHtml: {
      order: 'post',
      handler(html, { path }) {
        if (path !== '/index.html') return html;
        const stylesheets = html.match(STYLESHEET) ?? [];
        return html
          .replace(STYLESHEET, '')
          .replace('</head>', `  <style>${readFileSync(STYLE, 'utf8')}</style>\n  </head>`)
          .replace('</body>', `  ${stylesheets.join('').trim()}\n  </body>`);
      },
    },
  };
}
