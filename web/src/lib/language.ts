import { i18n, type Messages } from '@lingui/core';

interface Language {
  /** What the language calls itself. */
  readonly name: string;
  readonly direction: 'ltr' | 'rtl';
  /** Its catalogue. English stands in the code. */
  readonly load?: () => Promise<{ messages: Messages }>;
}

/* eslint-disable lingui/no-unlocalized-strings -- each is called by its own name in every other */
const LANGUAGES: Readonly<Record<string, Language>> = {
  en: { name: 'English', direction: 'ltr' },
  de: { name: 'Deutsch', direction: 'ltr', load: () => import('../locales/de.po') },
  // For tests of the layout from right to left, and never chosen by itself: English in Arabic's direction.
  'ar-XB': { name: 'Right to left', direction: 'rtl' },
};
/* eslint-enable */

/** The languages that people may choose, and what each calls itself. */
export const OFFERED = ['en', 'de'].map((tag) => ({ tag, name: LANGUAGES[tag]?.name ?? tag }));

const KEY = 'till.language';
const PARAMETER = 'lang';

/** The address of this page in another language. */
export function addressIn(tag: string, href: string): string {
  const url = new URL(href);
  url.searchParams.set(PARAMETER, tag);
  return url.href;
}

/** Brings the page into the language of `?lang=`, else of the last choice, else of the browser. */
export async function startLanguage(): Promise<void> {
  const url = new URL(location.href);
  const asked = url.searchParams.get(PARAMETER);
  if (asked !== null) {
    if (Object.hasOwn(LANGUAGES, asked)) localStorage.setItem(KEY, asked);
    url.searchParams.delete(PARAMETER);
    history.replaceState(history.state, '', url);
  }
  const tag = languageFor(localStorage.getItem(KEY), navigator.languages);
  try {
    const catalogue = await LANGUAGES[tag]?.load?.();
    show(tag, catalogue?.messages ?? {});
  } catch (error) {
    console.warn('The catalogue could not be loaded', error);
    show('en', {});
  }
}

function show(tag: string, messages: Messages): void {
  document.documentElement.lang = tag;
  document.documentElement.dir = LANGUAGES[tag]?.direction ?? 'ltr';
  i18n.loadAndActivate({ locale: tag, locales: localesFor(tag, navigator.languages), messages });
}

/** The language that was chosen, else the first of the browser's that there is, else English. */
export function languageFor(chosen: string | null, browser: readonly string[]): string {
  if (chosen !== null && Object.hasOwn(LANGUAGES, chosen)) return chosen;
  const known = browser.map(baseOf).find((base) => OFFERED.some(({ tag }) => tag === base));
  return known ?? 'en';
}

/** How numbers, money and dates are written: in the page's language, as the browser's region does. */
export function localesFor(tag: string, browser: readonly string[]): string[] {
  return [...browser.filter((locale) => baseOf(locale) === tag), tag];
}

/** The locales of the page, for Intl. */
export function pageLocales(): string[] {
  const { locale, locales } = i18n;
  return typeof locales === 'string' ? [locales] : (locales ?? [locale]);
}

function baseOf(locale: string): string {
  return locale.toLowerCase().split('-')[0] ?? locale;
}
