import type { Payment } from '@/lib/api/client';

export interface StatusText {
  readonly label: string;
  readonly tone: 'success' | 'warning' | 'danger' | 'neutral';
}

const UNKNOWN: StatusText = { label: 'Under way', tone: 'neutral' };
const STATUSES: Readonly<Record<string, StatusText>> = {
  succeeded: { label: 'Paid', tone: 'success' },
  processing: UNKNOWN,
  requires_action: { label: 'Waiting for you', tone: 'warning' },
  requires_confirmation: { label: 'Not finished', tone: 'warning' },
  pending: { label: 'Not finished', tone: 'warning' },
  canceled: { label: 'Cancelled', tone: 'neutral' },
};

export function statusText({
  status,
  last_payment_error: error,
}: Pick<Payment, 'status' | 'last_payment_error'>): StatusText {
  if (status === 'requires_payment_method') {
    return error
      ? { label: 'Declined', tone: 'danger' }
      : { label: 'Not finished', tone: 'warning' };
  }
  return STATUSES[status] ?? UNKNOWN;
}

const RESUMABLE: ReadonlySet<string> = new Set([
  'pending',
  'requires_action',
  'requires_confirmation',
  'requires_payment_method',
]);

/** Whether the person can still pay it. */
export function canBeResumed({ status }: Pick<Payment, 'status'>): boolean {
  return RESUMABLE.has(status);
}

/** Whether it will end without the person: nobody has to do anything. */
export function isUnderWay({ status }: Pick<Payment, 'status'>): boolean {
  return statusText({ status, last_payment_error: null }) === UNKNOWN && !canBeResumed({ status });
}
