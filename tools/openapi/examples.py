"""An example of each body, by model name."""

from typing import Any

from tools.openapi.merchant_examples import EXPORTED_ORDER

_BILLING_DETAILS = {
    "name": "Ada Lovelace",
    "email": None,
    "phone": None,
    "address": {
        "line1": "12 St James's Square",
        "line2": None,
        "city": "London",
        "state": None,
        "postal_code": "SW1Y 4JH",
        "country": "GB",
    },
}
_PAYMENT_METHOD = {
    "payment_method_id": "pm_1QxJq2eZvKYlo2C0",
    "type": "card",
    "brand": "visa",
    "last4": "4242",
    "exp_month": 7,
    "exp_year": 2039,
    "expired": False,
    "default": True,
    "usable_off_session": False,
    "cardholder_name": "Ada Lovelace",
    "billing_details": _BILLING_DETAILS,
    "created_at": "2026-11-23T04:43:16.000Z",
}
_PAYMENT = {
    "payment_id": "pay_9b0f0e2a6d5c4b3a2f1e0d9c8b7a6f5e",
    "payment_intent_id": "pi_3QxJr5eZvKYlo2C0",
    "status": "requires_confirmation",
    "amount": 4598,
    "currency": "eur",
    "order_id": None,
    "order_reference": None,
    "lines": [
        {
            "product_id": "coffee-beans",
            "description": "House coffee, 250 g",
            "quantity": 2,
            "unit_amount": 1099,
            "amount": 2198,
        },
        {
            "product_id": "stoneware-mug",
            "description": "Stoneware mug",
            "quantity": 1,
            "unit_amount": 2400,
            "amount": 2400,
        },
    ],
    "tax_amount": 0,
    "shipping_amount": 0,
    "discount_amount": 0,
    "payment_method_id": "pm_1QxJq2eZvKYlo2C0",
    "next_action": None,
    "client_secret": "pi_3QxJr5eZvKYlo2C0_secret_of_its_owner",
    "last_payment_error": None,
    "capture_method": "automatic",
    "amount_capturable": 0,
    "capture_before": None,
    "amount_received": 0,
    "amount_refunded": 0,
    "dispute_status": None,
    "created_at": "2026-11-23T04:43:16.000Z",
    "updated_at": "2026-11-23T04:43:16.250Z",
}
# Paid after the bank's challenge, and partially refunded a week later.
_HISTORY = [
    {
        "at": "2026-11-23T04:43:16.250Z",
        "from_status": "pending",
        "to_status": "requires_confirmation",
        "by": "create",
        "actor": "person:5f0f8a52-6a1d-4a43-9c1b-1d2f3e4a5b6c",
    },
    {
        "at": "2026-11-23T04:43:19.120Z",
        "from_status": "requires_confirmation",
        "to_status": "requires_action",
        "by": "confirm",
        "actor": "person:5f0f8a52-6a1d-4a43-9c1b-1d2f3e4a5b6c",
    },
    {
        "at": "2026-11-23T04:43:52.871Z",
        "from_status": "requires_action",
        "to_status": "succeeded",
        "by": "confirm",
        "actor": "person:5f0f8a52-6a1d-4a43-9c1b-1d2f3e4a5b6c",
    },
    {
        "at": "2026-11-30T09:12:05.404Z",
        "from_status": "succeeded",
        "to_status": "partially_refunded",
        "by": "webhook",
        "actor": "webhook",
    },
]
_ACCOUNT = {
    "user_id": "5f0f8a52-6a1d-4a43-9c1b-1d2f3e4a5b6c",
    "email": "ada@example.com",
    "name": "Ada Lovelace",
    "phone": "+447700900123",
    "created_at": "2026-11-02T16:20:11.000Z",
    "deletion": None,
}
_DELETION = {
    "requested_at": "2026-12-01T08:00:00.000Z",
    "erased_after": "2026-12-15T08:00:00.000Z",
}
_PRODUCT = {
    "product_id": "coffee-beans",
    "name": "House coffee, 250 g",
    "description": "Medium roast.",
    "image_url": "/images/products/coffee-beans.svg",
    "prices": {"eur": 1099, "jpy": 1800, "kwd": 3690},
}
_PAID = _PAYMENT | {
    "status": "succeeded",
    "amount_received": 4598,
    "amount_refunded": 400,
    "updated_at": "2026-11-30T09:12:05.404Z",
    "history": _HISTORY,
}
EXAMPLES: dict[str, dict[str, Any]] = {
    "SignupRequest": {
        "email": "ada@example.com",
        "password": "Analytical-Engine-1843",
        "name": "Ada Lovelace",
        "phone": "+447700900123",
        "birthdate": "1985-12-10",
        "gender": "female",
    },
    "SignupResponse": {
        "user_id": "5f0f8a52-6a1d-4a43-9c1b-1d2f3e4a5b6c",
        "email": "ada@example.com",
        "confirmation_required": True,
    },
    "SignOutResponse": {"signed_out_at": "2026-11-23T04:43:17.000Z"},
    "UpdateAccountRequest": {"name": "Ada King", "phone": None},
    "AccountResponse": _ACCOUNT
    | {
        "deletion": _DELETION
        | {
            "deferred_by": [
                {"reason": "open_payment", "payment_id": "pay_9b0f0e2a6d5c4b3a2f1e0d9c8b7a6f5e"}
            ]
        }
    },
    "AccountExportResponse": {
        "account": _ACCOUNT
        | {
            "email_verified": True,
            "birthdate": "1985-12-10",
            "gender": "female",
            "stripe_customer_id": "cus_Rd6yTq9eZvKYlo",
            "signed_out_at": None,
        },
        "payment_methods": [
            _PAYMENT_METHOD
            | {
                "consent": {
                    "usage": "on_session",
                    "text": "Save this card for the payments that I make myself.",
                    "at": "2026-11-23T04:43:11.000Z",
                }
            }
        ],
        "payments": [
            {name: value for name, value in _PAID.items() if name != "client_secret"}
            | {
                "refunds": [
                    {
                        "refund_id": "re_3QxJr5eZvKYlo2C0",
                        "amount": 400,
                        "status": "succeeded",
                        "failure_reason": None,
                    }
                ],
                "disputes": [],
            }
        ],
        "orders": [EXPORTED_ORDER],
        "next_cursor": None,
    },
    "ProductResponse": _PRODUCT,
    "ProductListResponse": {"data": [_PRODUCT], "next_cursor": None},
    "CreateSetupIntentRequest": {
        "usage": "off_session",
        "consent_text": "Save this card, also for my monthly coffee.",
    },
    "SetupIntentResponse": {
        "setup_intent_id": "seti_1QxJp9eZvKYlo2C0",
        "client_secret": "seti_1QxJp9eZvKYlo2C0_secret_of_its_owner",
        "status": "requires_payment_method",
        "next_action": None,
        "usage": "off_session",
        "consent_text": "Save this card, also for my monthly coffee.",
    },
    "AttachPaymentMethodRequest": {"setup_intent_id": "seti_1QxJp9eZvKYlo2C0"},
    "UpdatePaymentMethodRequest": {
        "billing_details": {"address": {"postal_code": "SW1Y 4JH"}},
        "exp_month": 7,
        "exp_year": 2039,
        "default": True,
    },
    "PaymentMethodResponse": _PAYMENT_METHOD,
    "PaymentMethodListResponse": {"data": [_PAYMENT_METHOD], "next_cursor": None},
    "CreatePaymentRequest": {
        "items": [
            {"product_id": "coffee-beans", "quantity": 2, "unit_amount": 1099},
            {"product_id": "stoneware-mug", "quantity": 1, "unit_amount": 2400},
        ],
        "currency": "eur",
        "payment_method_id": "pm_1QxJq2eZvKYlo2C0",
    },
    "ConfirmPaymentRequest": {"cvc_token": "cvctok_1QxJs8eZvKYlo2C0"},
    "PaymentResponse": _PAYMENT,
    "PaymentDetailsResponse": _PAID,
    "PaymentListResponse": {"data": [_PAYMENT | {"client_secret": None}], "next_cursor": None},
    "EventResponse": {"outcome": "recorded"},
}
