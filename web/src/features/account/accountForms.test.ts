import { describe, expect, it } from 'vitest';

import { checkedProfile, confirmationErrors, emailErrors, passwordErrors } from './accountForms';

function form(values: Record<string, string>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(values)) data.set(name, value);
  return data;
}

describe('name and phone', () => {
  it('are sent as the API takes them', () => {
    expect(checkedProfile(form({ name: ' Ada ', phone: '+44 (20) 7946-0000' })).body).toEqual({
      name: 'Ada',
      phone: '+442079460000',
    });
  });

  it('remove the phone if it is empty', () => {
    expect(checkedProfile(form({ name: 'Ada', phone: ' ' })).body).toEqual({
      name: 'Ada',
      phone: null,
    });
  });

  it('need a name, and a country code', () => {
    const { body, errors } = checkedProfile(form({ name: ' ', phone: '020 7946 0000' }));
    expect(body).toBeNull();
    expect(Object.keys(errors)).toEqual(['name', 'phone']);
  });
});

describe('a new email address', () => {
  it.each([
    ['ada@example.org', []],
    ['ada', ['new_email']],
    ['', ['new_email']],
    ['Ada@Example.com', ['new_email']],
  ])('%j', (email, fields) => {
    expect(Object.keys(emailErrors(email, 'ada@example.com'))).toEqual(fields);
  });
});

describe('a new password', () => {
  it.each([
    ['Old-Password-1', 'New-Password-1', []],
    ['', 'New-Password-1', ['current_password']],
    ['Old-Password-1', 'short', ['password']],
    ['Old-Password-1', 'Old-Password-1', ['password']],
    ['', '', ['current_password', 'password']],
  ])('from %j to %j', (current, password, fields) => {
    expect(Object.keys(passwordErrors(current, password))).toEqual(fields);
  });
});

describe('the confirmation of a deletion', () => {
  it.each([
    ['delete', true],
    [' Delete ', true],
    ['', false],
    ['deleted', false],
  ])('%j: %s', (typed, isConfirmed) => {
    expect(Object.keys(confirmationErrors(typed))).toEqual(isConfirmed ? [] : ['confirmation']);
  });
});
