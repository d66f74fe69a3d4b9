import { t } from '@lingui/core/macro';

import type { Payment, PaymentWithHistory } from '@/api/client';

export interface ReceiptAmount {
  readonly name: string;
  readonly amount: number;
  readonly isSum: boolean;
}

/** What comes below the lines: only what there was, down to what the person has paid in the end. */
export function amountsOf(payment: Payment): ReceiptAmount[] {
  const { shipping_amount: delivery, tax_amount: tax, discount_amount: discount } = payment;
  const { amount, amount_received: received, amount_refunded: refunded } = payment;
  const part = (name: string, value: number) =>
    value === 0 ? [] : [{ name, amount: value, isSum: false }];
  const sum = (name: string, value: number) => [{ name, amount: value, isSum: true }];
  return [
    ...part(t`Delivery`, delivery),
    ...part(t`Tax`, tax),
    ...part(t`Discount`, -discount),
    ...sum(t`Total`, amount),
    ...(received === amount ? [] : sum(t`Charged`, received)),
    ...(refunded === 0
      ? []
      : [...part(t`Refunded`, -refunded), ...sum(t`Paid in the end`, received - refunded)]),
  ];
}

/** When it was paid, which stays the same whatever becomes of the money later. */
export function paidAt({ history, updated_at: updatedAt }: PaymentWithHistory): string {
  return history.find((change) => change.to_status === 'succeeded')?.at ?? updatedAt;
}
