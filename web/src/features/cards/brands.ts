import { t } from '@lingui/core/macro';

/* eslint-disable lingui/no-unlocalized-strings -- brands are called the same everywhere */
const NAMES: Readonly<Record<string, string>> = {
  amex: 'American Express',
  cartes_bancaires: 'Cartes Bancaires',
  diners: 'Diners Club',
  discover: 'Discover',
  eftpos_au: 'eftpos',
  jcb: 'JCB',
  mastercard: 'Mastercard',
  unionpay: 'UnionPay',
  visa: 'Visa',
};
/* eslint-enable */

export function brandName(brand: string): string {
  return NAMES[brand] ?? t`Card`;
}

/** A card in a sentence. */
export function cardLabel({ brand, last4 }: { brand: string; last4: string }): string {
  return t`${brandName(brand)} ending in ${last4}`;
}

/** Where to find the security code, and how long it is. */
export function cvcHint(brand: string): string {
  return brand === 'amex'
    ? t`The 4 digits on the front of the card.`
    : t`The 3 digits on the back of the card.`;
}
