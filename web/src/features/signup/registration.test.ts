import { describe, expect, it } from 'vitest';

import { checkedRegistration } from './registration';

const FILLED_IN = {
  name: 'Ada Lovelace',
  email: 'ada@example.com',
  phone: '',
  password: 'Analytical-Engine-1843',
  birthdate: '',
  gender: '',
};

function check(changes: Record<string, string>) {
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...FILLED_IN, ...changes })) form.set(name, value);
  return checkedRegistration(form, '2026-11-23');
}

describe('a registration', () => {
  it('leaves out empty fields', () => {
    expect(check({}).body).toEqual({
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      password: 'Analytical-Engine-1843',
    });
  });

  it('sends the optional fields in the API’s format', () => {
    const { body } = check({
      phone: '+44 (20) 7946-0000',
      birthdate: '1815-12-10',
      gender: 'other',
      gender_description: ' countess ',
    });
    expect(body).toMatchObject({
      phone: '+442079460000',
      birthdate: '1815-12-10',
      gender: 'countess',
    });
  });

  it.each([
    ['name', '  '],
    ['email', 'ada@'],
    ['phone', '020 7946 0000'],
    ['password', 'short'],
    ['birthdate', '2026-11-24'],
  ])('is not sent with an invalid %s', (field, value) => {
    const { body, errors } = check({ [field]: value });
    expect(body).toBeNull();
    expect(Object.keys(errors)).toEqual([field]);
  });
});
