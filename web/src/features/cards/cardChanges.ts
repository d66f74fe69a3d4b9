import { t } from '@lingui/core/macro';

import type { PaymentMethod, PaymentMethodChange } from '@/api/client';
import type { ApiError } from '@/api/problem';
import type { FieldErrors } from '@/components/useFieldErrors';
import { textOf } from '@/lib/forms';

import { ADDRESS } from './billingDetails';
import { isExpired } from './expiry';

export type Address = PaymentMethod['billing_details']['address'];

/** What a completed form changes in a card; null if it changes nothing. */
export function cardChanges(card: PaymentMethod, values: FormData): PaymentMethodChange | null {
  const { name: knownName, address: knownAddress } = card.billing_details;
  const name = textOf(values, 'cardholder').trim();
  const address = changedAddress(knownAddress, values);
  const details = {
    ...(name !== (knownName ?? '') && { name }),
    ...(Object.keys(address).length > 0 && { address }),
  };
  // Stripe refuses a date that has passed, so an expired card's own one is not sent.
  const expiry = typedExpiry(values);
  const isRenewed = expiry.exp_month !== card.exp_month || expiry.exp_year !== card.exp_year;
  const change = {
    ...(Object.keys(details).length > 0 && { billing_details: details }),
    ...(isRenewed && expiry),
  };
  return Object.keys(change).length > 0 ? change : null;
}

function changedAddress(known: Address, values: FormData): Partial<Address> {
  const typed = (name: keyof Address): string | null => textOf(values, name).trim() || null;
  const staysInCountry = typed('country') === known.country;
  const changed = ADDRESS.filter((name) => {
    // The form has no field for the region in countries whose addresses do not use it.
    if (name === 'state' && staysInCountry && !values.has(name)) return false;
    return typed(name) !== known[name];
  });
  return Object.fromEntries(changed.map((name) => [name, typed(name)]));
}

function typedExpiry(values: FormData): { exp_month: number; exp_year: number } {
  return {
    exp_month: Number(textOf(values, 'exp_month')),
    exp_year: Number(textOf(values, 'exp_year')),
  };
}

/** What is wrong with the form before anything is sent. */
export function changeErrors(
  card: PaymentMethod,
  values: FormData,
  today: Date = new Date(),
): FieldErrors {
  const errors: Record<string, string> = {};
  if (textOf(values, 'cardholder').trim() === '')
    errors.cardholder = t`Enter the name on the card.`;
  const change = cardChanges(card, values);
  const { exp_month: month, exp_year: year } = change ?? {};
  if (month && year && isExpired({ exp_month: month, exp_year: year, expired: false }, today)) {
    errors.exp_month = t`This date has passed.`;
  }
  return errors;
}

/** The errors of the API beside the fields that they are about; empty if one has no field. */
export function refusedFields({ problem }: ApiError): FieldErrors {
  const errors = (problem.errors ?? []).map(({ field, message }) => {
    const name = field.split('.').at(-1) ?? '';
    return [name === 'name' ? 'cardholder' : name, message] as const;
  });
  const known: readonly string[] = ['cardholder', 'exp_month', 'exp_year', ...ADDRESS];
  return errors.every(([name]) => known.includes(name)) ? Object.fromEntries(errors) : {};
}
