import { describe, expect, it } from 'vitest';

import type { PaymentMethod } from '@/api/client';
import { ApiError, localProblem } from '@/api/problem';

import { cardChanges, changeErrors, refusedFields } from './cardChanges';

const ADDRESS = {
  line1: '12 St James’s Square',
  line2: null,
  city: 'London',
  state: 'LND',
  postal_code: 'SW1Y 4JH',
  country: 'GB',
};
const CARD: PaymentMethod = {
  payment_method_id: 'pm_1',
  type: 'card',
  brand: 'visa',
  last4: '4242',
  exp_month: 4,
  exp_year: 2031,
  expired: false,
  default: false,
  usable_off_session: false,
  cardholder_name: 'Ada Lovelace',
  billing_details: { name: 'Ada Lovelace', email: null, phone: null, address: ADDRESS },
  created_at: '2026-11-01T10:00:00+00:00',
};

function form(changed: Record<string, string | null> = {}): FormData {
  const values = new FormData();
  const filled = {
    cardholder: 'Ada Lovelace',
    exp_month: '4',
    exp_year: '2031',
    ...ADDRESS,
    line2: '',
    ...changed,
  };
  for (const [name, value] of Object.entries<string | null>(filled)) {
    if (value !== null) values.set(name, value);
  }
  return values;
}

describe('editing a card', () => {
  it('changes nothing if nothing was changed', () => {
    expect(cardChanges(CARD, form())).toBeNull();
  });

  it.each([
    [{ cardholder: ' Ada King ' }, { billing_details: { name: 'Ada King' } }],
    [{ line2: 'Flat 3' }, { billing_details: { address: { line2: 'Flat 3' } } }],
    [{ postal_code: '' }, { billing_details: { address: { postal_code: null } } }],
    [{ exp_year: '2035' }, { exp_month: 4, exp_year: 2035 }],
  ])('sends only what was changed: %o', (changed, sent) => {
    expect(cardChanges(CARD, form(changed))).toEqual(sent);
  });

  it('keeps a region that the form does not ask for, but not in another country', () => {
    expect(cardChanges(CARD, form({ state: null }))).toBeNull();
    expect(cardChanges(CARD, form({ state: null, country: 'MC' }))).toEqual({
      billing_details: { address: { country: 'MC', state: null } },
    });
  });

  it('does not send the date of an expired card that only moves', () => {
    const expired = { ...CARD, exp_year: 2020, expired: true };
    const values = form({ exp_year: '2020', city: 'Leeds' });
    expect(cardChanges(expired, values)).toEqual({
      billing_details: { address: { city: 'Leeds' } },
    });
    expect(changeErrors(expired, values)).toEqual({});
  });

  it('needs a name, and a date to come', () => {
    const values = form({ cardholder: ' ', exp_month: '3', exp_year: '2027' });
    expect(changeErrors(CARD, values, new Date('2027-04-01'))).toEqual({
      cardholder: 'Enter the name on the card.',
      exp_month: 'This date has passed.',
    });
    expect(changeErrors(CARD, form(), new Date('2027-04-01'))).toEqual({});
  });

  it('shows what the API refuses beside its field, if it has one', () => {
    const refused = (...fields: string[]) =>
      refusedFields(
        new ApiError({
          ...localProblem('validation_error', ''),
          errors: fields.map((field) => ({ field, message: 'is not valid' })),
        }),
      );
    expect(refused('billing_details.name', 'exp_month')).toEqual({
      cardholder: 'is not valid',
      exp_month: 'is not valid',
    });
    expect(refused('exp_month', 'default')).toEqual({});
  });
});
