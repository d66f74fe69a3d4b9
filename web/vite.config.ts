import { defineConfig } from 'vitest/config';

import { apiDocument } from './build/apiDocument.ts';
import { apiProxy, laptopStack } from './build/laptopStack.ts';
import { PREACT, USE_REACT } from './build/preact.ts';
import { shell } from './build/shell.ts';
import { texts } from './build/texts.ts';

export default defineConfig({
  plugins: [texts(), laptopStack(), apiDocument(), shell()],
  resolve: { tsconfigPaths: true, alias: PREACT },
  server: { host: '127.0.0.1', port: 5173, proxy: apiProxy() },
  preview: { host: '127.0.0.1', port: 4173, proxy: apiProxy() },
  build: {
    target: 'es2023',
    modulePreload: { polyfill: false },
    // Small files would be inlined as data: addresses, which the site's policy allows images only.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { app: 'index.html', docs: 'docs/index.html' },
      onLog: (level, log, handle) => {
        // "use client" means nothing here.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
      },
      output: {
        // What nearly every screen needs comes in two files, not in thirty.
        codeSplitting: {
          groups: [
            {
              name: 'vendor',
              test: /node_modules\/(preact|wouter|regexparam|@lingui|@tanstack|openapi-fetch)\//,
            },
            {
              name: 'shared',
              test: /src\/(components|lib|api\/(client|getProduct|listProducts|problem|retry))\b/,
            },
          ],
        },
      },
    },
  },
  test: {
    environment: 'jsdom',
    restoreMocks: true,
    testTimeout: 30_000,
    server: { deps: { inline: USE_REACT } },
    setupFiles: ['src/lib/testing/setup.ts'],
    include: ['src/**/*.test.{ts,tsx}'],
  },
});
