"""The events that `make invoke` gives the functions, and what has to happen before."""

from local.paths import ROOT

EVENTS = ROOT / "tests" / "events"
# The steps whose events make the objects that a step's event names.
EARLIER_STEPS = {
    "create_payment_intent": ["attach_payment_method"],
    "confirm_payment_intent": ["attach_payment_method", "create_payment_intent"],
    "get_payment": ["attach_payment_method", "create_payment_intent"],
}


def steps() -> list[str]:
    """Every step that has a function."""
    return sorted(handler.parent.name for handler in (ROOT / "functions").glob("*/handler.py"))


def function_id(step: str) -> str:
    """The logical id of a step's function: `CreatePaymentIntentFunction`."""
    return "".join(word.capitalize() for word in step.split("_")) + "Function"
