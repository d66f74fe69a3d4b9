import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import jsxA11y from 'eslint-plugin-jsx-a11y';
import lingui from 'eslint-plugin-lingui';
import reactHooks from 'eslint-plugin-react-hooks';
import { defineConfig, globalIgnores } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';

// A layer imports only from those after it.
const LAYERS = ['app', 'features', 'components', 'api', 'lib'];

const noImports = (...patterns) => ({
  'no-restricted-imports': ['error', { patterns }],
});

const layersAbove = (layer) => ({
  group: LAYERS.slice(0, LAYERS.indexOf(layer)).flatMap((above) => [
    `@/${above}`,
    `../**/${above}`,
  ]),
  message: `Dependencies point from ${LAYERS.join(' to ')}.`,
});

const INDEX_ONLY = 'A feature imports from another one only what its index.ts exports.';

// Strings that nobody reads: names, keys, styles, addresses, and errors for developers.
const UNTRANSLATED = {
  useTsTypes: true,
  ignore: ['^[a-z0-9_.:/?&=#@{}-]*$', '^[A-Z_]+$', '^[^A-Za-z]*$', '^Till$', 'Error$'],
  ignoreNames: [
    { regex: { pattern: '^(className|style|key|d|viewBox|href|autoComplete)$' } },
    {
      regex: {
        pattern:
          '^(aria-(describedby|labelledby|live|hidden|current)|stroke.*|preserveAspectRatio)$',
      },
    },
    { regex: { pattern: '^(role|rel|htmlFor|inputMode|autoCapitalize|displayName|locale)$' } },
    { regex: { pattern: '^[A-Z_]+$' } },
  ],
  ignoreFunctions: [
    '*Error',
    'Error',
    'localProblem',
    'console.*',
    '*.includes',
    '*.querySelector',
    '*.get',
    '*.set',
    '*.has',
    '*.addEventListener',
    'addEventListener',
    'matchMedia',
    'RegExp',
    'URL',
    '*.split',
    '*.setItem',
    '*.getItem',
    'useQuery',
    'Intl.*',
  ],
};

export default defineConfig(
  globalIgnores(['dist', 'src/api/schema.d.ts']),
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
      reactHooks.configs.flat.recommended,
      jsxA11y.flatConfigs.strict,
    ],
    languageOptions: {
      globals: globals.browser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // A handler given to JSX may be async; what it rejects with is handled inside.
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { attributes: false } },
      ],
    },
  },
  {
    // What people read stands in the catalogue, in every language.
    files: ['src/**/*.{ts,tsx}'],
    ignores: ['src/**/*.test.{ts,tsx}', 'src/**/testing*', 'src/api/**'],
    plugins: { lingui },
    rules: {
      'lingui/t-call-in-function': 'error',
      'lingui/no-unlocalized-strings': ['error', UNTRANSLATED],
    },
  },
  ...['components', 'api', 'lib'].map((layer) => ({
    files: [`src/${layer}/**/*.{ts,tsx}`],
    rules: noImports(layersAbove(layer)),
  })),
  {
    files: ['src/features/**/*.{ts,tsx}'],
    rules: {
      ...noImports(layersAbove('features'), {
        group: ['@/features/*/*', '../*'],
        message: INDEX_ONLY,
      }),
      // The rule above does not look at import().
      'no-restricted-syntax': [
        'error',
        { selector: 'ImportExpression[source.value=/^(@|[.][.])[/]/]', message: INDEX_ONLY },
      ],
    },
  },
  prettier,
);
