"""The API's routes and the step that each leads to."""

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
BEHIND = ["reconcile_payments", "publish_payment_events", "replay_events"]
STEPS = [*ROUTES.values(), *BEHIND]


def function_id(step: str) -> str:
    """The logical id of a step's function: `CreatePaymentIntentFunction`."""
    return "".join(word.capitalize() for word in step.split("_")) + "Function"
