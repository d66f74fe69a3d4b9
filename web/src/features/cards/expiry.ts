import type { PaymentMethod } from '@/api/client';

/** MM/YYYY, as printed on the card. */
export function formatExpiry({
  exp_month: month,
  exp_year: year,
}: Pick<PaymentMethod, 'exp_month' | 'exp_year'>): string {
  return `${String(month).padStart(2, '0')}/${year}`;
}

/** A card is valid until the end of its month, which may have passed since the API responded. */
export function isExpired(
  card: Pick<PaymentMethod, 'exp_month' | 'exp_year' | 'expired'>,
  today: Date = new Date(),
): boolean {
  const months = (year: number, month: number): number => year * 12 + month;
  return (
    card.expired ||
    months(card.exp_year, card.exp_month) < months(today.getUTCFullYear(), today.getUTCMonth() + 1)
  );
}
