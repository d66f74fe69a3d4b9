/** What the routes under /merchant return and take. Amounts are in the currency's minor unit. */

export interface OrderLine {
  readonly product_id: string | null;
  readonly description: string;
  readonly quantity: number;
  readonly unit_amount: number;
  readonly amount: number;
}

interface Priced {
  readonly currency: string;
  readonly lines: readonly OrderLine[];
  readonly tax_amount: number;
  readonly shipping_amount: number;
  readonly discount_amount: number;
}

export interface Dispute {
  readonly dispute_id: string;
  readonly status: string;
  readonly amount: number | null;
  readonly currency: string | null;
  readonly reason: string | null;
  readonly evidence_due_by: string | null;
}

export interface Refund {
  readonly refund_id: string;
  readonly amount: number;
  readonly currency: string;
  readonly status: string;
  readonly reason: string | null;
  readonly note: string | null;
  readonly failure_reason: string | null;
  readonly actor?: string | null;
  readonly created_at: string;
}

export interface Payment extends Priced {
  readonly payment_id: string;
  readonly payment_intent_id: string | null;
  readonly user_id: string;
  readonly email?: string | null;
  readonly status: string;
  readonly amount: number;
  readonly order_id: string | null;
  readonly order_reference: string | null;
  readonly payment_method_id: string;
  readonly last_payment_error: {
    readonly code: string;
    readonly decline_code: string | null;
    readonly message: string;
  } | null;
  readonly capture_method: string;
  readonly amount_capturable: number;
  readonly capture_before: string | null;
  readonly amount_received: number;
  readonly amount_refunded: number;
  readonly dispute_status: string | null;
  readonly disputes: readonly Dispute[];
  readonly created_at: string;
  readonly updated_at: string;
}

export interface StatusChange {
  readonly at: string;
  readonly from_status: string;
  readonly to_status: string;
  readonly by: string;
  readonly actor: string;
}

export interface PaymentDetails extends Payment {
  readonly history: readonly StatusChange[];
  /** What has not been given back yet, nor promised. */
  readonly amount_refundable: number;
}

export interface Address {
  readonly line1?: string | null;
  readonly line2?: string | null;
  readonly city?: string | null;
  readonly postal_code?: string | null;
  readonly state?: string | null;
  readonly country?: string | null;
}

export interface Order extends Priced {
  readonly order_id: string;
  readonly order_reference: string;
  readonly user_id: string;
  readonly status: string;
  readonly total: number;
  readonly capture_method: string;
  readonly shipping: {
    readonly name?: string | null;
    readonly phone?: string | null;
    readonly address?: Address | null;
  } | null;
  readonly payment_id: string | null;
  readonly expires_at: string;
  readonly receipt_email: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly created_by: string;
  readonly created_at: string;
}

export interface Product {
  readonly product_id: string;
  readonly name: string;
  readonly description: string;
  readonly image_url: string | null;
  readonly prices: Readonly<Record<string, number>>;
}

export interface Page<Item> {
  readonly data: readonly Item[];
  readonly next_cursor: string | null;
}
