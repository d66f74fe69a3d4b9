import type { PaymentMethodCreateParams } from '@stripe/stripe-js';

import { textOf } from '@/lib/forms';

export const ADDRESS = ['country', 'line1', 'line2', 'postal_code', 'city', 'state'] as const;

/** The billing details to send to Stripe with the card, without empty fields. */
export function billingDetails(values: FormData): PaymentMethodCreateParams.BillingDetails {
  const filled = ADDRESS.map((name) => [name, textOf(values, name).trim()] as const).filter(
    ([, value]) => value !== '',
  );
  return { name: textOf(values, 'cardholder').trim(), address: Object.fromEntries(filled) };
}
