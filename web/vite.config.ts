import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

import { apiDocument } from './build/apiDocument.ts';
import { apiProxy, laptopStack } from './build/laptopStack.ts';

export default defineConfig({
  plugins: [react(), laptopStack(), apiDocument()],
  resolve: { tsconfigPaths: true },
  server: { host: '127.0.0.1', port: 5173, proxy: apiProxy() },
  preview: { host: '127.0.0.1', port: 4173, proxy: apiProxy() },
  build: {
    target: 'es2023',
    // Small files would be inlined as data: addresses, which the site's policy allows images only.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { app: 'index.html', docs: 'docs/index.html' },
      output: {
        // What nearly every screen needs comes in two files, not in thirty.
        codeSplitting: {
          groups: [
            { name: 'vendor', test: /node_modules\/(react|react-dom|react-router|scheduler)\// },
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
    include: ['src/**/*.test.{ts,tsx}'],
  },
});
