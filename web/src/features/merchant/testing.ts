import type { Order, Payment, PaymentDetails } from './types';

/** A payment of €24.00, for tests. */
export function aPayment(changes: Partial<Payment> = {}): Payment {
  return {
    payment_id: 'pay_1',
    payment_intent_id: 'pi_1',
    user_id: 'ada',
    stripe_customer_id: 'cus_1',
    livemode: false,
    status: 'succeeded',
    amount: 2400,
    currency: 'eur',
    order_id: 'ord_1',
    order_reference: 'A-17',
    order_expires_at: null,
    order_closed: null,
    off_session: false,
    amount_refundable: 2400,
    refunds: [],
    lines: [
      { product_id: 'mug', description: 'Mug', quantity: 2, unit_amount: 1200, amount: 2400 },
    ],
    tax_amount: 0,
    shipping_amount: 0,
    discount_amount: 0,
    payment_method_id: 'pm_1',
    last_payment_error: null,
    capture_method: 'automatic',
    amount_capturable: 0,
    capture_before: null,
    amount_received: 2400,
    amount_refunded: 0,
    dispute_status: null,
    disputes: [],
    review: null,
    fraud_warnings: [],
    created_at: '2026-11-27T10:00:00.000Z',
    updated_at: '2026-11-27T10:01:00.000Z',
    ...changes,
  };
}

export function anError(
  code: string,
  declineCode: string | null,
): NonNullable<Payment['last_payment_error']> {
  return {
    code,
    decline_code: declineCode,
    message: '',
    network_decline_code: null,
    advice_code: null,
    retryable: false,
    retry_after_seconds: null,
  };
}

/** One that the bank has declined. */
export function declined(reason: string, changes: Partial<Payment> = {}): Payment {
  return aPayment({
    status: 'requires_payment_method',
    amount_received: 0,
    last_payment_error: anError('card_declined', reason),
    ...changes,
  });
}

export function paymentDetails(changes: Partial<PaymentDetails> = {}): PaymentDetails {
  return { ...aPayment(), history: [], ...changes };
}

export function anOrder(changes: Partial<Order> = {}): Order {
  return {
    order_id: 'ord_1',
    order_reference: 'A-17',
    user_id: 'ada',
    status: 'open',
    currency: 'eur',
    lines: [
      { product_id: 'mug', description: 'Mug', quantity: 2, unit_amount: 1200, amount: 2400 },
    ],
    tax_amount: 0,
    shipping_amount: 500,
    discount_amount: 100,
    total: 2800,
    capture_method: 'manual',
    shipping: null,
    payment_id: null,
    expires_at: '2026-12-04T09:00:00.000Z',
    receipt_email: null,
    metadata: {},
    created_by: 'program:shop-backend',
    statement_descriptor_suffix: null,
    updated_at: '2026-11-27T09:00:00.000Z',
    created_at: '2026-11-27T09:00:00.000Z',
    ...changes,
  };
}
