"""An example of each body of the merchant's routes, by model name."""

from typing import Any

_PERSON = "5f0f8a52-6a1d-4a43-9c1b-1d2f3e4a5b6c"
_PAYMENT_ID = "pay_9b0f0e2a6d5c4b3a2f1e0d9c8b7a6f5e"
_ORDER_ID = "ord_2f1e0d9c8b7a6f5e9b0f0e2a6d5c4b3a"
_PROGRAM = "program:4t1l1b0q5ks8v3o2p1n0m9l8k7"
_SHIPPING = {
    "name": "Ada Lovelace",
    "address": {
        "line1": "12 St James's Square",
        "city": "London",
        "postal_code": "SW1Y 4JH",
        "country": "GB",
    },
}
_LINE = {
    "product_id": "coffee-beans",
    "description": "House coffee, 250 g",
    "quantity": 2,
    "unit_amount": 1099,
}
_AMOUNTS = {"tax_amount": 220, "shipping_amount": 490, "discount_amount": 0}
_ORDER = {
    "order_id": _ORDER_ID,
    "order_reference": "R-1001",
    "user_id": _PERSON,
    "status": "open",
    "currency": "eur",
    "lines": [_LINE | {"amount": 2198}],
    **_AMOUNTS,
    "total": 2908,
    "capture_method": "manual",
    "shipping": _SHIPPING,
    "payment_id": None,
    "expires_at": "2026-11-24T04:43:16.000Z",
    "created_at": "2026-11-23T04:43:16.000Z",
}
EXPORTED_ORDER = _ORDER | {
    "receipt_email": "ada@example.com",
    "statement_descriptor_suffix": "R 1001",
    "metadata": {"campaign": "autumn"},
}
_MERCHANTS_ORDER = EXPORTED_ORDER | {
    "created_by": _PROGRAM,
    "updated_at": "2026-11-23T04:43:16.000Z",
}
_PAYMENT = {
    "payment_id": _PAYMENT_ID,
    "payment_intent_id": "pi_3QxJr5eZvKYlo2C0",
    "user_id": _PERSON,
    "stripe_customer_id": "cus_Rd6yTq9eZvKYlo",
    "livemode": False,
    "status": "succeeded",
    "amount": 2908,
    "currency": "eur",
    "order_id": _ORDER_ID,
    "order_reference": "R-1001",
    "order_expires_at": "2026-11-24T04:43:16.000Z",
    "order_closed": None,
    "lines": [_LINE | {"amount": 2198}],
    **_AMOUNTS,
    "payment_method_id": "pm_1QxJq2eZvKYlo2C0",
    "off_session": True,
    "last_payment_error": None,
    "capture_method": "manual",
    "amount_capturable": 0,
    "capture_before": None,
    "amount_received": 2908,
    "amount_refunded": 400,
    "amount_refundable": 2508,
    "refunds": [
        {
            "refund_id": "re_3QxJr5eZvKYlo2C0",
            "amount": 400,
            "status": "succeeded",
            "failure_reason": None,
        }
    ],
    "dispute_status": None,
    "disputes": [],
    "review": None,
    "fraud_warnings": [],
    "created_at": "2026-11-23T04:43:16.000Z",
    "updated_at": "2026-11-30T09:12:05.404Z",
}
_HISTORY = [
    {
        "at": "2026-11-23T04:43:16.250Z",
        "from_status": "pending",
        "to_status": "requires_confirmation",
        "by": "charge_in_absence",
        "actor": _PROGRAM,
    },
    {
        "at": "2026-11-23T04:43:17.120Z",
        "from_status": "requires_confirmation",
        "to_status": "requires_capture",
        "by": "charge_in_absence",
        "actor": _PROGRAM,
    },
]
_REFUND = {
    "refund_id": "ref_0d9c8b7a6f5e9b0f0e2a6d5c4b3a2f1e",
    "payment_id": _PAYMENT_ID,
    "amount": 400,
    "currency": "eur",
    "status": "succeeded",
    "reason": "requested_by_customer",
    "note": "One bag was torn",
    "failure_reason": None,
    "actor": _PROGRAM,
    "created_at": "2026-11-30T09:12:04.100Z",
    "updated_at": "2026-11-30T09:12:05.404Z",
}
_PRODUCT = {
    "name": "House coffee, 250 g",
    "description": "Medium roast.",
    "image_url": "/images/products/coffee-beans.svg",
    "prices": {"eur": 1099, "jpy": 1800, "kwd": 3690},
    "active": True,
}
MERCHANT_EXAMPLES: dict[str, dict[str, Any]] = {
    "CreateOrderRequest": {
        "order_reference": "R-1001",
        "user_id": _PERSON,
        "currency": "eur",
        "lines": [_LINE],
        **_AMOUNTS,
        "capture_method": "manual",
        "shipping": _SHIPPING,
        "receipt_email": "ada@example.com",
        "statement_descriptor_suffix": "R 1001",
        "metadata": {"campaign": "autumn"},
        "expires_at": "2026-11-24T04:43:16Z",
    },
    "CancelOrderRequest": {},
    "OrderResponse": _ORDER,
    "MerchantOrderResponse": _MERCHANTS_ORDER,
    "MerchantOrderAndPersonResponse": _MERCHANTS_ORDER | {"email": "ada@example.com"},
    "MerchantOrderListResponse": {"data": [_MERCHANTS_ORDER], "next_cursor": None},
    "ChargeInAbsenceRequest": {"order_id": _ORDER_ID, "user_id": _PERSON},
    "MerchantPaymentDetailsResponse": _PAYMENT | {"history": _HISTORY},
    "MerchantPaymentAndPersonResponse": _PAYMENT
    | {"history": _HISTORY, "email": "ada@example.com"},
    "MerchantPaymentListResponse": {"data": [_PAYMENT], "next_cursor": None},
    "CapturePaymentRequest": {"amount": 2500},
    "CancelPaymentRequest": {},
    "CreateRefundRequest": {
        "amount": 400,
        "reason": "requested_by_customer",
        "note": "One bag was torn",
    },
    "RefundResponse": _REFUND,
    "RefundListResponse": {"data": [_REFUND], "next_cursor": None},
    "PutProductRequest": _PRODUCT,
    "CatalogueProductResponse": {"product_id": "coffee-beans", **_PRODUCT},
    "CatalogueListResponse": {
        "data": [{"product_id": "coffee-beans", **_PRODUCT}],
        "next_cursor": None,
    },
    "DeletedProductResponse": {"product_id": "coffee-beans", "active": False},
}
