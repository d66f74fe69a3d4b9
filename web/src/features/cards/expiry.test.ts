import { describe, expect, it } from 'vitest';

import { formatExpiry, isExpired } from './expiry';

const card = (month: number, year: number, expired = false) => ({
  exp_month: month,
  exp_year: year,
  expired,
});

describe('the expiry of a card', () => {
  it('is shown as it is printed on the card', () => {
    expect(formatExpiry(card(4, 2031))).toBe('04/2031');
    expect(formatExpiry(card(12, 2031))).toBe('12/2031');
  });

  it.each([
    ['the last second of its month', card(4, 2031), '2031-04-30T23:59:59Z', false],
    ['the first second after it', card(4, 2031), '2031-05-01T00:00:00Z', true],
    ['the end of its year', card(12, 2031), '2031-12-31T23:59:59Z', false],
    ['the new year', card(12, 2031), '2032-01-01T00:00:00Z', true],
    ['an early month of a later year', card(1, 2032), '2031-12-31T00:00:00Z', false],
  ])('at %s', (_, saved, now, expired) => {
    expect(isExpired(saved, new Date(now))).toBe(expired);
  });

  it('has passed if the server says so', () => {
    expect(isExpired(card(4, 2031, true), new Date('2030-01-01'))).toBe(true);
  });
});
