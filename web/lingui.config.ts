import type { LinguiConfig } from '@lingui/conf';
import { formatter } from '@lingui/format-po';

/** One catalogue per language. English is what stands in the code. */
const config: LinguiConfig = {
  sourceLocale: 'en',
  locales: ['en', 'de'],
  catalogs: [{ path: 'src/locales/{locale}', include: ['src'], exclude: ['**/*.test.*'] }],
  format: formatter({ lineNumbers: false }),
  orderBy: 'origin',
  runtimeConfigModule: { Trans: ['@/lib/Trans', 'Trans'] },
};

export default config;
