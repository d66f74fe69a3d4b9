"""The API's routes and their steps."""

import re
from urllib.parse import unquote

ROUTES = {
    "POST /signup": "signup",
    "POST /sign-out": "sign_out",
    "GET /account": "get_account",
    "PATCH /account": "update_account",
    "DELETE /account": "delete_account",
    "GET /account/export": "export_account",
    "GET /products": "list_products",
    "GET /products/{product_id}": "get_product",
    "POST /setup-intents": "create_setup_intent",
    "POST /payment-methods": "attach_payment_method",
    "GET /payment-methods": "list_payment_methods",
    "PATCH /payment-methods/{payment_method_id}": "update_payment_method",
    "DELETE /payment-methods/{payment_method_id}": "detach_payment_method",
    "POST /payments": "create_payment_intent",
    "POST /payments/{payment_id}/confirm": "confirm_payment_intent",
    "POST /payments/{payment_id}/cancel": "cancel_payment",
    "GET /payments/{payment_id}": "get_payment",
    "GET /payments": "list_payments",
    "GET /merchant/products": "list_merchant_products",
    "PUT /merchant/products/{product_id}": "put_product",
    "DELETE /merchant/products/{product_id}": "delete_product",
    "GET /orders/{order_id}": "get_order",
    "POST /merchant/orders": "create_order",
    "GET /merchant/orders": "list_orders",
    "GET /merchant/orders/{order_id}": "get_merchant_order",
    "POST /merchant/orders/{order_id}/cancel": "cancel_order",
    "POST /merchant/payments": "charge_in_absence",
    "GET /merchant/payments": "list_merchant_payments",
    "GET /merchant/payments/{payment_id}": "get_merchant_payment",
    "POST /merchant/payments/{payment_id}/refunds": "create_refund",
    "GET /merchant/payments/{payment_id}/refunds": "list_refunds",
    "POST /merchant/payments/{payment_id}/capture": "capture_payment",
    "POST /merchant/payments/{payment_id}/cancel": "cancel_merchant_payment",
    "POST /stripe/webhook": "stripe_webhook",
}
PUBLIC = {
    "POST /signup",
    "GET /products",
    "GET /products/{product_id}",
    "POST /stripe/webhook",
}
# For staff and programs, by the merchant's authorizer.
MERCHANTS = {route for route in ROUTES if " /merchant/" in route}
# Started by a schedule, the table's stream, or an operator.
BACKGROUND = [
    "reconcile_payments",
    "publish_payment_events",
    "replay_events",
    "remove_unconfirmed_users",
    "erase_accounts",
]
# Called by Cognito while somebody waits for it.
TRIGGERS = ["pre_sign_up", "post_confirmation", "pre_token_generation"]
# Called by API Gateway, for the routes of the merchant.
AUTHORIZERS = ["authorize_merchant"]
STEPS = [*ROUTES.values(), *BACKGROUND, *TRIGGERS, *AUTHORIZERS]


def path_parameters(resource: str, path: str) -> dict[str, str] | None:
    """The path parameters, as API Gateway reads them: decoded, and never empty."""
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", resource)
    found = re.fullmatch(pattern, path)
    values = {name: unquote(value) for name, value in found.groupdict().items()} if found else {}
    return values or None


def function_id(step: str) -> str:
    """The logical id of a step's function: `CreatePaymentIntentFunction`."""
    return "".join(word.capitalize() for word in step.split("_")) + "Function"
