import { describe, expect, it } from 'vitest';

import { billingDetails } from './billingDetails';
import { countries, countryOfLocale, regionsOf } from './regions';

describe('a billing address form', () => {
  it('lists every country in the user’s language, in its alphabetical order', () => {
    const german = countries('de');
    expect(german.find(({ value }) => value === 'AT')?.name).toBe('Österreich');
    const names = german.map(({ name }) => name);
    expect(names).toEqual([...names].sort((one, other) => one.localeCompare(other, 'de')));
    expect(names.indexOf('Österreich')).toBeLessThan(names.indexOf('Polen'));
  });

  it('offers the regions of a country', () => {
    expect(regionsOf('US')).toContainEqual({ value: 'CA', name: 'California' });
    expect(regionsOf('')).toEqual([]);
  });

  it('offers a saved region that has another name here', () => {
    expect(regionsOf('US', 'CA')).toEqual(regionsOf('US'));
    expect(regionsOf('US', 'Calif.')[0]).toEqual({ value: 'Calif.', name: 'Calif.' });
  });

  it('starts with the country of the language setting, if there is one', () => {
    expect(countryOfLocale('de-AT')).toBe('AT');
    expect(countryOfLocale('de')).toBe('');
  });

  it('leaves out empty fields', () => {
    const form = new FormData();
    form.set('cardholder', ' Ada Lovelace ');
    form.set('country', 'GB');
    form.set('line1', '12 St James’s Square');
    form.set('line2', '  ');
    form.set('city', 'London');
    expect(billingDetails(form)).toEqual({
      name: 'Ada Lovelace',
      address: { country: 'GB', line1: '12 St James’s Square', city: 'London' },
    });
  });
});
