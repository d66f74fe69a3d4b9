import type { components, operations } from '@/api/schema';

type Schemas = components['schemas'];

export type Payment = Schemas['MerchantPaymentResponse'];
export type PaymentDetails = Schemas['MerchantPaymentAndPersonResponse'];
export type StatusChange = Schemas['StatusChangeResponse'];
export type Dispute = Schemas['DisputeResponse'];
export type Refund = Schemas['RefundResponse'];
export type RefundReason = NonNullable<Schemas['CreateRefundRequest']['reason']>;
export type Order = Schemas['MerchantOrderResponse'];
export type OrderDetails = Schemas['MerchantOrderAndPersonResponse'];
export type CatalogueProduct = Schemas['CatalogueProductResponse'];
export type ProductChange = Schemas['PutProductRequest'];

export type PaymentFilters = NonNullable<
  operations['list_merchant_payments']['parameters']['query']
>;
export type OrderFilters = NonNullable<operations['list_orders']['parameters']['query']>;

/** What an order's `shipping` consists of. */
export interface Shipping {
  readonly name?: string;
  readonly phone?: string;
  readonly address?: {
    readonly line1?: string;
    readonly line2?: string;
    readonly city?: string;
    readonly postal_code?: string;
    readonly state?: string;
    readonly country?: string;
  };
}

export interface Page<Item> {
  readonly data: readonly Item[];
  readonly next_cursor: string | null;
}
