import { pageLocales } from '@/lib/language';

/**
 * Days as the person who looks at them counts them: in the time zone of their browser.
 *
 * A day is written YYYY-MM-DD. It may have 23 or 25 hours, so days are never counted in hours.
 */

export type Day = string;

export function dayOf(time: Date | string): Day {
  const date = new Date(time);
  const month = String(date.getMonth() + 1).padStart(2, '0');
  return `${date.getFullYear()}-${month}-${String(date.getDate()).padStart(2, '0')}`;
}

/** When a day begins; where clocks skip midnight, it is the first moment there is. */
export function startOf(day: Day): Date {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date);
}

export function addDays(day: Day, days: number): Day {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  // At noon, which no change of the clocks moves to another day.
  return dayOf(new Date(year, month - 1, date + days, 12));
}

/** So many days up to this one, oldest first. */
export function daysUpTo(last: Day, count: number): Day[] {
  return Array.from({ length: count }, (_, index) => addDays(last, index - count + 1));
}

/** A search's dates as the API takes them: from the first moment of one day to the end of the other. */
export function bounds(first: Day, last: Day): { from?: string; to?: string } {
  return {
    ...(isDay(first) && { from: startOf(first).toISOString() }),
    ...(isDay(last) && { to: startOf(addDays(last, 1)).toISOString() }),
  };
}

export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}

export function formatDay(day: Day, locales: Intl.LocalesArgument = pageLocales()): string {
  return new Intl.DateTimeFormat(locales, { day: 'numeric', month: 'short' }).format(startOf(day));
}

/** The time zone that the days are in, such as "Asia/Tokyo". */
export function timeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
