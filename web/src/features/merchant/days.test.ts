import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { addDays, bounds, dayOf, daysUpTo, startOf, timeZone } from './days';

const ours = process.env.TZ;
const inTimeZone = (zone: string) => {
  process.env.TZ = zone;
  expect(timeZone()).toBe(zone);
};

beforeEach(() => inTimeZone('UTC'));
afterEach(() => {
  if (ours === undefined) delete process.env.TZ;
  else process.env.TZ = ours;
});

describe('a day', () => {
  it('begins in Tokyo nine hours before it begins in UTC', () => {
    inTimeZone('Asia/Tokyo');
    expect(dayOf('2026-11-26T14:59:59Z')).toBe('2026-11-26');
    expect(dayOf('2026-11-26T15:00:00Z')).toBe('2026-11-27');
    expect(startOf('2026-11-27').toISOString()).toBe('2026-11-26T15:00:00.000Z');
    expect(bounds('2026-11-27', '2026-11-27')).toEqual({
      from: '2026-11-26T15:00:00.000Z',
      to: '2026-11-27T15:00:00.000Z',
    });
  });

  it.each([
    ['Europe/Berlin', '2026-10-25', 25],
    ['Europe/Berlin', '2026-03-29', 23],
    ['America/Sao_Paulo', '2018-11-04', 23], // it begins at one o'clock
  ])('in %s may be longer or shorter: %s has %i hours', (zone, day, hours) => {
    inTimeZone(zone);
    const { from, to } = bounds(day, day);
    expect((Date.parse(to ?? '') - Date.parse(from ?? '')) / 3_600_000).toBe(hours);
    expect(dayOf(startOf(day))).toBe(day);
    expect(addDays(addDays(day, -1), 1)).toBe(day);
    expect(addDays(addDays(day, 1), -1)).toBe(day);
  });

  it('follows another one over the ends of months and years', () => {
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(addDays('2028-03-01', -1)).toBe('2028-02-29');
    expect(daysUpTo('2026-03-01', 3)).toEqual(['2026-02-27', '2026-02-28', '2026-03-01']);
  });

  it('that is missing bounds nothing', () => {
    expect(bounds('', '2026-11-27')).toEqual({ to: '2026-11-28T00:00:00.000Z' });
    expect(bounds('2026-11-27', 'tomorrow')).toEqual({ from: '2026-11-27T00:00:00.000Z' });
  });
});
