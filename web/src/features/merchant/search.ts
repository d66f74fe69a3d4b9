import { textOf } from '@/lib/forms';

import { bounds } from './days';
import type { OrderFilters, PaymentFilters } from './types';

const PAYMENT_WORDS = ['order_reference', 'email', 'user_id', 'status'] as const;
const ORDER_WORDS = ['order_reference', 'user_id', 'status'] as const;
const DATES = ['from', 'to'] as const;

/** The fields of the forms, under the names of the API. */
export const PAYMENT_FIELDS = [...PAYMENT_WORDS, ...DATES];
export const ORDER_FIELDS = [...ORDER_WORDS, ...DATES];

/** A form as the address has it: what is empty is left out. */
export function searchOf(form: FormData, fields: readonly string[]): URLSearchParams {
  const filled = fields
    .map((name) => [name, textOf(form, name).trim()] as const)
    .filter(([, value]) => value !== '');
  return new URLSearchParams(filled.map(([name, value]) => [name, value]));
}

export function paymentFilters(search: URLSearchParams): PaymentFilters {
  return { ...words(search, PAYMENT_WORDS), ...moments(search) };
}

export function orderFilters(search: URLSearchParams): OrderFilters {
  // A status that there is not is refused by the API.
  return { ...words(search, ORDER_WORDS), ...moments(search) };
}

function words(search: URLSearchParams, names: readonly string[]): Record<string, string> {
  const found = names.map((name) => [name, search.get(name) ?? ''] as const);
  return Object.fromEntries(found.filter(([, value]) => value !== ''));
}

/** An address has whole days, of this time zone, and the API takes moments. */
function moments(search: URLSearchParams): { from?: string; to?: string } {
  return bounds(search.get('from') ?? '', search.get('to') ?? '');
}
