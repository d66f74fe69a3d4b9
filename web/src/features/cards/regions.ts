import { allCountries } from 'country-region-data';

export interface Choice {
  /** The value sent to Stripe: a country's ISO code; a region's code, or its name if it has none. */
  readonly value: string;
  readonly name: string;
}

/** Every country, named and sorted in the page's language. */
export function countries(locales: Intl.LocalesArgument): Choice[] {
  const names = new Intl.DisplayNames(locales, { type: 'region' });
  return allCountries
    .map(([name, code]) => ({ value: code, name: names.of(code) ?? name }))
    .sort((one, other) => one.name.localeCompare(other.name, locales));
}

/** A country's regions, and the one that is known; empty if its addresses do not use them. */
export function regionsOf(country: string, known = ''): Choice[] {
  const found = allCountries.find(([, code]) => code === country);
  const regions = (found?.[2] ?? []).map(([name, code]) => ({ value: code || name, name }));
  if (regions.length <= 1) return [];
  const isListed = known === '' || regions.some(({ value }) => value === known);
  return isListed ? regions : [{ value: known, name: known }, ...regions];
}

/** The country in the user's language setting; an empty string if there is none. */
export function countryOfLocale(locale: string): string {
  const { region } = new Intl.Locale(locale);
  return allCountries.some(([, code]) => code === region) ? (region ?? '') : '';
}
