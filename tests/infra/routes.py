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
}
PUBLIC = {"POST /signup", "GET /products"}
STEPS = list(ROUTES.values())


def function_id(step: str) -> str:
    """The logical id of a step's function: `CreatePaymentIntentFunction`."""
    return "".join(word.capitalize() for word in step.split("_")) + "Function"
