/**
 * Preact in place of React, which is five times as much to load: docs/decisions/048-preact-in-place-of-react.md.
 *
 * The code imports `react`, whose types it has. React itself is installed because packages ask for it, and reaches
 * neither browser nor tests.
 */
import type { Alias } from 'vite';

export const PREACT: Alias[] = [
  { find: /^react\/jsx-(dev-)?runtime$/, replacement: 'preact/jsx-runtime' },
  { find: /^react-dom\/client$/, replacement: 'preact/compat/client' },
  { find: /^react(-dom)?$/, replacement: 'preact/compat' },
  // It would find React by require().
  { find: /^use-sync-external-store\/shim.*$/, replacement: 'preact/compat' },
];

/** Packages that import React: in tests, too, they get Preact. */
export const USE_REACT = [
  /@lingui\/react/,
  /react-query/,
  /react-stripe-js/,
  /qrcode\.react/,
  /wouter/,
];
