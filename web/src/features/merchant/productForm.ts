import { t } from '@lingui/core/macro';

import { textOf } from '@/lib/forms';
import { currencyName } from '@/lib/money';

import { amountExample, parseAmount } from './amounts';
import type { ProductChange } from './types';

type Errors = Record<string, string>;

export interface CheckedProduct {
  /** By the names of the fields; those of a price end with its row. */
  readonly errors: Readonly<Errors>;
  readonly productId: string;
  /** Null if something is wrong. */
  readonly product: ProductChange | null;
}

/**
 * A product as the form has it, with a currency and an amount in each of these rows.
 *
 * The API checks the rest: lengths, and what Stripe charges.
 */
export function checkedProduct(form: FormData, rows: readonly number[]): CheckedProduct {
  const productId = textOf(form, 'product_id').trim();
  const name = textOf(form, 'name').trim();
  const errors: Errors = {
    ...(productId === '' && { product_id: t`Enter an ID.` }),
    ...(name === '' && { name: t`Enter a name.` }),
  };
  const prices: Record<string, number> = {};
  for (const row of rows) {
    const currency = textOf(form, currencyField(row));
    const amount = parseAmount(textOf(form, amountField(row)), currency);
    if (currency === '') errors[currencyField(row)] = t`Choose a currency.`;
    else if (currency in prices) errors[currencyField(row)] = t`This currency has a price already.`;
    else if (amount === null || amount === 0) {
      errors[amountField(row)] = t`Enter an amount such as ${amountExample(currency)}.`;
    } else prices[currency] = amount;
  }
  const isRight = Object.keys(errors).length === 0;
  const product = {
    name,
    description: textOf(form, 'description').trim(),
    image_url: textOf(form, 'image_url').trim() || null,
    prices,
    active: true,
  };
  return { errors, productId, product: isRight ? product : null };
}

export function currencyField(row: number): string {
  return `currency-${row}`;
}

export function amountField(row: number): string {
  return `amount-${row}`;
}

/** What the API found wrong, by the names of the fields here: `prices.eur` is an amount's. */
export function refusedFields(
  found: readonly { field: string; message: string }[],
  currencies: ReadonlyMap<string, number>,
): Errors {
  const ours = ({ field, message }: { field: string; message: string }): [string, string] => {
    const [, currency = ''] = /^(?:body\.)?prices\.(\w+)$/.exec(field) ?? [];
    const row = currencies.get(currency);
    return [row === undefined ? field.replace(/^body\./, '') : amountField(row), message];
  };
  return Object.fromEntries(found.map(ours));
}

export interface Currency {
  readonly currency: string;
  readonly name: string;
}

/** Every currency there is, by its name. */
export function allCurrencies(): Currency[] {
  return Intl.supportedValuesOf('currency')
    .map((code) => ({ currency: code.toLowerCase(), name: currencyName(code) }))
    .sort((a, b) => a.currency.localeCompare(b.currency));
}
