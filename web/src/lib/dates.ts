import { pageLocales } from './language';

export function formatTime(iso: string, locales: Intl.LocalesArgument = pageLocales()): string {
  return new Intl.DateTimeFormat(locales, { dateStyle: 'medium', timeStyle: 'short' }).format(
    new Date(iso),
  );
}
