import { textOf } from '@/lib/forms';

import { bounds } from './days';
import type { OrderFilters, PaymentFilters } from './types';

/** What payments are searched by, under the names of the API. */
export const PAYMENT_FIELDS = [
  'order_reference',
  'email',
  'user_id',
  'status',
  'from',
  'to',
] as const;
export const ORDER_FIELDS = ['order_reference', 'user_id', 'status'] as const;

/** A form as the address has it: what is empty is left out. */
export function searchOf(form: FormData, fields: readonly string[]): URLSearchParams {
  const filled = fields
    .map((name) => [name, textOf(form, name).trim()] as const)
    .filter(([, value]) => value !== '');
  return new URLSearchParams(filled.map(([name, value]) => [name, value]));
}

/** An address as the API takes it. Its dates are whole days here, and moments there. */
export function paymentFilters(search: URLSearchParams): PaymentFilters {
  return {
    ...only(search, ['order_reference', 'email', 'user_id', 'status']),
    ...bounds(search.get('from') ?? '', search.get('to') ?? ''),
  };
}

export function orderFilters(search: URLSearchParams): OrderFilters {
  return only(search, ORDER_FIELDS); // a status that there is not is refused by the API
}

function only(search: URLSearchParams, fields: readonly string[]): Record<string, string> {
  const found = fields.map((name) => [name, search.get(name) ?? ''] as const);
  return Object.fromEntries(found.filter(([, value]) => value !== ''));
}
