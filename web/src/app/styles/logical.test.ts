// @vitest-environment node
import { readdirSync, readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

// What is on the left in English is on the right in Arabic: `inline-start` is either.
const PHYSICAL =
  /^\s*(?:(?:margin|padding|border|inset)-(?:left|right)[\w-]*|left|right|float)\s*:|text-align:\s*(?:left|right)/;

it('says start and end, and not left and right', () => {
  const files = readdirSync('src', { encoding: 'utf8', recursive: true })
    .filter((name) => name.endsWith('.css'))
    .map((name) => `src/${name}`);
  const wrong = files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => PHYSICAL.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(files.length).toBeGreaterThan(3);
  expect(wrong).toEqual([]);
});
