import { i18n } from '@lingui/core';
import { t } from '@lingui/core/macro';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { formatTime } from './dates';
import { addressIn, languageFor, localesFor, startLanguage } from './language';
import { currencyName, formatAmount } from './money';

describe('the language of the page', () => {
  it.each([
    [null, ['de-AT', 'en'], 'de'],
    [null, ['fr-CH', 'de-CH', 'en'], 'de'],
    [null, ['fr', 'ja'], 'en'],
    [null, [], 'en'],
    ['en', ['de'], 'en'],
    ['de', ['en-GB'], 'de'],
    ['tlh', ['de'], 'de'],
    ['constructor', ['de'], 'de'],
    [null, ['ar-XB'], 'en'],
  ])('of someone who chose %s, with a browser in %j, is %s', (chosen, browser, language) => {
    expect(languageFor(chosen, browser)).toBe(language);
  });

  it('writes numbers as the browser’s region does, where it speaks the page’s language', () => {
    expect(localesFor('de', ['en-US', 'de-CH'])).toEqual(['de-CH', 'de']);
    expect(localesFor('de', ['en-US'])).toEqual(['de']);
    expect(localesFor('en', ['en-GB', 'en'])).toEqual(['en-GB', 'en', 'en']);
  });

  it('is chosen by an address that keeps the rest of it', () => {
    expect(addressIn('de', 'https://shop.example/payments?status=paid#top')).toBe(
      'https://shop.example/payments?status=paid&lang=de#top',
    );
  });
});

describe('a page in a language', () => {
  beforeEach(() => {
    localStorage.clear();
    vi.spyOn(navigator, 'languages', 'get').mockReturnValue(['en-US', 'en']);
  });

  afterEach(() => {
    history.replaceState(null, '', '/');
    i18n.loadAndActivate({ locale: 'en', messages: {} });
  });

  it('says so, keeps the choice and writes money, dates and names in it', async () => {
    history.replaceState(null, '', '/payments?lang=de&status=paid');
    await startLanguage();
    expect(document.documentElement).toMatchObject({ lang: 'de', dir: 'ltr' });
    expect(location.search).toBe('?status=paid');
    expect(t`Log in`).toBe('Anmelden');
    expect(formatAmount(109_900, 'eur').replace(/\s/g, ' ')).toBe('1.099,00 €');
    expect(currencyName('jpy')).toBe('Japanischer Yen');
    expect(formatTime('2026-03-01T12:00:00Z')).toMatch(/^01\.03\.2026/);

    await startLanguage();
    expect(document.documentElement.lang).toBe('de');
  });

  it('is laid out from right to left where the language is written so', async () => {
    history.replaceState(null, '', '/?lang=ar-XB');
    await startLanguage();
    expect(document.documentElement).toMatchObject({ lang: 'ar-XB', dir: 'rtl' });
  });

  it('does not take a language that there is not', async () => {
    history.replaceState(null, '', '/?lang=xx');
    await startLanguage();
    expect(document.documentElement.lang).toBe('en');
    expect(localStorage.getItem('till.language')).toBeNull();
  });
});
