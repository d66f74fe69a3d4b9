/** The API's document, at a stable address beside the page that shows it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { Connect, Plugin } from 'vite';

import { type ApiDocument, apiPage } from './apiPage.ts';

const ADDRESS = 'docs/openapi.json';
const DOCUMENT = fileURLToPath(new URL('../../docs/openapi.json', import.meta.url));
const PLACE = '<!-- the API -->';

export function apiDocument(): Plugin {
  return {
    name: 'till-api-document',
    configureServer({ middlewares }) {
      middlewares.use(addSlash);
      middlewares.use(`/${ADDRESS}`, (_request, response) => {
        response.setHeader('Content-Type', 'application/json');
        response.end(readFileSync(DOCUMENT));
      });
    },
    configurePreviewServer: ({ middlewares }) => void middlewares.use(addSlash),
    transformIndexHtml(page) {
      if (!page.includes(PLACE)) return page;
      const document = JSON.parse(readFileSync(DOCUMENT, 'utf8')) as ApiDocument;
      return page.replace(PLACE, () => apiPage(document));
    },
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: ADDRESS, source: readFileSync(DOCUMENT) });
    },
  };
}

/** /docs leads to /docs/, as CloudFront's function has it. */
const addSlash: Connect.NextHandleFunction = (request, response, next) => {
  if (!/^\/docs(\?|$)/.test(request.url ?? '')) {
    next();
    return;
  }
  response.statusCode = 301;
  response.setHeader('Location', '/docs/');
  response.end();
};
