"""The API's routes and the step that each leads to."""

import re
from urllib.parse import unquote

ROUTES = {
    "POST /signup": "signup",
    "GET /products": "list_products",
    "POST /payment-methods": "attach_payment_method",
    "GET /payment-methods": "list_payment_methods",
    "POST /payments": "create_payment_intent",
    "POST /payments/{payment_id}/confirm": "confirm_payment_intent",
    "GET /payments/{payment_id}": "get_payment",
    "GET /payments": "list_payments",
    "POST /stripe/webhook": "stripe_webhook",
}
PUBLIC = {"POST /signup", "GET /products", "POST /stripe/webhook"}
# What a schedule, the table's stream and an operator start.
BACKGROUND = ["reconcile_payments", "publish_payment_events", "replay_events"]
STEPS = [*ROUTES.values(), *BACKGROUND]


def path_parameters(resource: str, path: str) -> dict[str, str] | None:
    """What API Gateway takes from the path of a request to a resource: decoded, and never empty."""
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", resource)
    found = re.fullmatch(pattern, path)
    values = {name: unquote(value) for name, value in found.groupdict().items()} if found else {}
    return values or None


def function_id(step: str) -> str:
    """The logical id of a step's function: `CreatePaymentIntentFunction`."""
    return "".join(word.capitalize() for word in step.split("_")) + "Function"
