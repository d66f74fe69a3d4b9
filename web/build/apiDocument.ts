/** The API's document, at a stable address beside the page that shows it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import type { Plugin } from 'vite';

const ADDRESS = 'docs/openapi.json';
const DOCUMENT = fileURLToPath(new URL('../../docs/openapi.json', import.meta.url));
const REDOC = createRequire(import.meta.url).resolve('redoc/bundles/redoc.standalone.js');

// Redoc shows this beside its name; the site's policy allows no images of other origins.
const FOREIGN_IMAGE = 'https://cdn.redoc.ly/redoc/logo-mini.svg';
const NO_IMAGE = 'data:image/gif;base64,R0lGODlhAQABAAAAACw=';

export function apiDocument(): Plugin {
  return {
    name: 'till-api-document',
    configureServer({ middlewares }) {
      middlewares.use(`/${ADDRESS}`, (_request, response) => {
        response.setHeader('Content-Type', 'application/json');
        response.end(readFileSync(DOCUMENT));
      });
    },
    generateBundle(_options, bundle) {
      this.emitFile({ type: 'asset', fileName: ADDRESS, source: readFileSync(DOCUMENT) });
      this.emitFile({
        type: 'asset',
        fileName: 'docs/redoc.LICENSE.txt',
        source: readFileSync(`${REDOC}.LICENSE.txt`),
      });
      for (const file of Object.values(bundle)) {
        if (
          file.type === 'asset' &&
          file.originalFileNames.some((name) => name.includes('redoc'))
        ) {
          const source = Buffer.from(file.source).toString();
          if (!source.includes(FOREIGN_IMAGE)) this.error('Redoc has changed its foreign image');
          file.source = source.replaceAll(FOREIGN_IMAGE, NO_IMAGE);
        }
      }
    },
  };
}
