// @vitest-environment node
import { getCatalogs } from '@lingui/cli/api';
import { getConfig } from '@lingui/conf';
import { expect, it } from 'vitest';

const CONFIG = getConfig();

interface Catalogues {
  /** What stands in the code, by its ids. */
  code: Readonly<Record<string, { message?: string }>>;
  languages: Readonly<Record<string, Readonly<Record<string, { translation?: string }>>>>;
}

async function read(): Promise<Catalogues> {
  const [catalogue] = await getCatalogs(CONFIG);
  const code = await catalogue?.collect();
  const languages = await catalogue?.readAll();
  if (!code || !languages) throw new Error('There is no catalogue');
  return { code, languages };
}

it('has every text of the code in every language, and no other', async () => {
  const { code, languages } = await read();
  const wrong = CONFIG.locales.flatMap((locale) => {
    const catalogue = languages[locale] ?? {};
    return [
      ...Object.entries(code)
        .filter(([id]) => !catalogue[id]?.translation)
        .map(([, { message }]) => `${locale} lacks “${message ?? ''}”`),
      ...Object.keys(catalogue)
        .filter((id) => !(id in code))
        .map((id) => `${locale} has ${id} for nothing`),
    ];
  });
  expect(wrong, 'npm run texts, then translate').toEqual([]);
});

it('keeps what is filled in, and the elements, in every language', async () => {
  const { code, languages } = await read();
  const marks = (text: string) => (text.match(/\{\w+[},]|<\/?\d\/?>/g) ?? []).sort();
  for (const catalogue of Object.values(languages)) {
    for (const [id, { message = '' }] of Object.entries(code)) {
      expect(marks(catalogue[id]?.translation ?? ''), message).toEqual(marks(message));
    }
  }
});

it('speaks to people politely in German', async () => {
  const { languages } = await read();
  const texts = Object.values(languages.de ?? {}).map(({ translation = '' }) => translation);
  expect(texts.filter((text) => /\b(du|dich|dir|dein\w*)\b/i.test(text))).toEqual([]);
});
