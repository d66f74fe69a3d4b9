"""Descriptions of the merchant's operations, and of what shoppers do with an order."""

from collections.abc import Mapping

from payments.domain.errors import (
    AccountBeingDeletedError,
    AmountTooLargeError,
    IdempotencyKeyReusedError,
    OrderNotFoundError,
    OrderNotPayableError,
    PaymentMethodNotFoundError,
    PaymentNotCancelableError,
    PaymentNotCapturableError,
    PaymentNotFoundError,
    PaymentNotRefundableError,
    PaymentRefusedError,
    ProductNotFoundError,
    SignedOutError,
    StripeRejectedError,
    StripeUnavailableError,
)
from tools.openapi.operation import Operation

_STRIPE = (StripeRejectedError, StripeUnavailableError)

# By step, which is also the operation's id.
MERCHANT_OPERATIONS: Mapping[str, Operation] = {
    "get_order": Operation(
        "Get an order",
        "What the person is to pay: an order that the merchant has made for them.",
        {200: "The order."},
        (OrderNotFoundError,),
    ),
    "cancel_payment": Operation(
        "Cancel a payment",
        "Cancels a payment that the person has not finished. Money that is held is the "
        "merchant's to let go. Cancelling again is harmless.",
        {200: "The payment."},
        (*_STRIPE, SignedOutError, PaymentNotFoundError, PaymentNotCancelableError),
    ),
    "create_order": Operation(
        "Make an order",
        "An order that one person is to pay, at prices that the merchant's own systems decide. "
        "The total is the lines, the tax and the shipping, less the discount. It can be paid once, "
        "until `expires_at`, or for a day.",
        {201: "The order."},
        (IdempotencyKeyReusedError,),
    ),
    "list_orders": Operation(
        "List orders",
        "The orders that have all of what is asked for, newest first. A page may be short: only "
        "`next_cursor` says whether there are more.",
        {200: "A page of orders."},
    ),
    "get_merchant_order": Operation(
        "Get any order",
        "One order, whoever is to pay it.",
        {200: "The order."},
        (OrderNotFoundError,),
    ),
    "cancel_order": Operation(
        "Cancel an order",
        "From now on nothing is charged for it, and its payment is cancelled. If a confirmation "
        "under way was faster, the order stays cancelled, and an event tells that it was paid: "
        "nothing is refunded by itself.",
        {200: "The order."},
        (*_STRIPE, OrderNotFoundError, OrderNotPayableError),
    ),
    "list_merchant_payments": Operation(
        "List payments of all people",
        "The payments that have all of what is asked for, newest first, from our rows. `status` is "
        "a payment's, or `disputed`. A page may be short: only `next_cursor` says whether there "
        "are more.",
        {200: "A page of payments."},
    ),
    "get_merchant_payment": Operation(
        "Get anybody's payment",
        "One payment with its history, brought up to date with Stripe.",
        {200: "The payment."},
        (*_STRIPE, PaymentNotFoundError),
    ),
    "charge_in_absence": Operation(
        "Charge an order in absence",
        "Charges an order to the named card, or the default one, while its person is away. Only a "
        "card that was saved for that is charged. A refusal is no error: the payment says why, and "
        "whether trying again with another key makes sense. Where the bank wants to see the "
        "person, they finish the payment in the app.",
        {201: "The payment, charged or refused."},
        (
            *_STRIPE,
            AccountBeingDeletedError,
            IdempotencyKeyReusedError,
            OrderNotFoundError,
            OrderNotPayableError,
            PaymentMethodNotFoundError,
            PaymentRefusedError,
        ),
    ),
    "capture_payment": Operation(
        "Capture a payment",
        "Takes what is held, or a part of it and lets go of the rest. The same amount again is "
        "harmless.",
        {200: "The payment."},
        (*_STRIPE, PaymentNotFoundError, PaymentNotCapturableError, AmountTooLargeError),
    ),
    "cancel_merchant_payment": Operation(
        "Cancel anybody's payment",
        "Cancels a payment that nothing was taken for, and lets go of what is held. It refunds "
        "nothing. Cancelling again is harmless.",
        {200: "The payment."},
        (*_STRIPE, PaymentNotFoundError, PaymentNotCancelableError),
    ),
    "create_refund": Operation(
        "Refund a payment",
        "Gives back a part, or all that is left. One key is one refund, for good. `pending` is not "
        "done: only `succeeded` is.",
        {201: "The refund."},
        (
            *_STRIPE,
            IdempotencyKeyReusedError,
            PaymentNotFoundError,
            PaymentNotRefundableError,
            AmountTooLargeError,
        ),
    ),
    "list_refunds": Operation(
        "List refunds",
        "All refunds of a payment, newest first, also those of Stripe's dashboard.",
        {200: "A page of refunds."},
        (*_STRIPE, PaymentNotFoundError),
    ),
    "list_merchant_products": Operation(
        "List the catalogue",
        "All products, on sale or not, in no order; with `product_id`, that one. A page may have "
        "fewer than `limit`: only `next_cursor` says whether there are more.",
        {200: "A page of products."},
    ),
    "put_product": Operation(
        "Put a product into the catalogue",
        "Adds a product, or replaces it. Prices are per currency, in its minor unit.",
        {200: "The product."},
    ),
    "delete_product": Operation(
        "Take a product off sale",
        "The product stays for those who look at earlier payments, and is not sold any more.",
        {200: "It is off sale."},
        (ProductNotFoundError,),
    ),
}
