import { addDays, type Day, dayOf } from './days';
import type { Dispute, Payment } from './types';

/** What was paid in one currency, day by day. Amounts of different currencies are never added. */
export interface Volume {
  readonly currency: string;
  readonly total: number;
  readonly count: number;
  readonly days: readonly DayVolume[];
}

export interface DayVolume {
  readonly day: Day;
  readonly amount: number;
  readonly count: number;
}

/** What was paid on each of these days, with zeros where nothing was: most payments first. */
export function volumes(payments: readonly Payment[], days: readonly Day[]): Volume[] {
  const byCurrency = groupBy(
    payments.filter(({ status }) => status === 'succeeded'),
    ({ currency }) => currency,
  );
  return [...byCurrency]
    .map(([currency, paid]) => {
      const byDay = groupBy(paid, ({ created_at: at }) => dayOf(at));
      const perDay = days.map((day) => {
        const ofDay = byDay.get(day) ?? [];
        return { day, amount: sum(ofDay, amountReceived), count: ofDay.length };
      });
      const total = perDay.reduce((all, { amount }) => all + amount, 0);
      const count = perDay.reduce((all, each) => all + each.count, 0);
      return { currency, total, count, days: perDay };
    })
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || a.currency.localeCompare(b.currency));
}

export interface Declines {
  /** Payments that a bank has said yes or no to. */
  readonly asked: number;
  /** Those whose last answer was no. */
  readonly declined: number;
  readonly reasons: readonly { readonly reason: string; readonly count: number }[];
}

const ACCEPTED: ReadonlySet<string> = new Set(['succeeded', 'requires_capture']);
const UNPAID: ReadonlySet<string> = new Set(['requires_payment_method', 'canceled']);

/** How many payments stand declined, and why. Who was declined and then paid does not count. */
export function declines(payments: readonly Payment[]): Declines {
  const reasons = payments
    .filter(({ status }) => UNPAID.has(status))
    .flatMap(({ last_payment_error: error }) =>
      error === null ? [] : [error.decline_code ?? error.code],
    );
  const counts = groupBy(reasons, (reason) => reason);
  return {
    asked: payments.filter(({ status }) => ACCEPTED.has(status)).length + reasons.length,
    declined: reasons.length,
    reasons: [...counts]
      .map(([reason, each]) => ({ reason, count: each.length }))
      .sort((a, b) => b.count - a.count || a.reason.localeCompare(b.reason)),
  };
}

/** What is held in each currency, most payments first. */
export function heldAmounts(held: readonly Payment[]): { currency: string; amount: number }[] {
  return [...groupBy(held, ({ currency }) => currency)]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([currency, each]) => ({
      currency,
      amount: sum(each, ({ amount_capturable: amount }) => amount),
    }));
}

/** The one that ends soonest first; those without an end last. */
export function byDeadline<Item>(
  items: readonly Item[],
  deadline: (item: Item) => string | null,
): Item[] {
  const time = (item: Item) => Date.parse(deadline(item) ?? '') || Infinity;
  return items.toSorted((a, b) => (time(a) === time(b) ? 0 : time(a) - time(b)));
}

// https://docs.stripe.com/api/disputes/object#dispute_object-status
const OPEN_DISPUTES: ReadonlySet<string> = new Set([
  'needs_response',
  'under_review',
  'warning_needs_response',
  'warning_under_review',
]);

export interface DisputedPayment {
  readonly payment: Payment;
  readonly dispute: Dispute;
}

/** Disputes and inquiries that are not decided, the next deadline first. */
export function openDisputes(payments: readonly Payment[]): DisputedPayment[] {
  const open = payments.flatMap((payment) =>
    payment.disputes
      .filter(({ status }) => OPEN_DISPUTES.has(status))
      .map((dispute) => ({ payment, dispute })),
  );
  return byDeadline(open, ({ dispute }) =>
    needsResponse(dispute) ? dispute.evidence_due_by : null,
  );
}

/** Whether the merchant has to answer it. */
export function needsResponse({ status }: Dispute): boolean {
  return status.endsWith('needs_response');
}

/**
 * The days of which every payment was read, if the oldest ones were left out.
 *
 * Payments are read newest first, so the day of the last one may have more.
 */
export function wholeDays(days: readonly Day[], read: readonly Payment[]): Day[] {
  const last = read.at(-1);
  if (last === undefined) return [...days];
  const firstWholeDay = addDays(dayOf(last.created_at), 1);
  return days.filter((day) => day >= firstWholeDay);
}

function amountReceived({ amount_received: amount }: Payment): number {
  return amount;
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

function groupBy<Item>(items: readonly Item[], of: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(of(item));
    if (group) group.push(item);
    else groups.set(of(item), [item]);
  }
  return groups;
}
