"""The events that `make invoke` gives the functions, and what has to happen before."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from local.paths import ROOT

EVENTS = ROOT / "tests" / "events"
# The steps whose events make the objects that a step's event names.
_EARLIER_STEPS = {
    "update_payment_method": ["attach_payment_method"],
    "detach_payment_method": ["attach_payment_method"],
    "create_payment_intent": ["attach_payment_method"],
    "confirm_payment_intent": ["attach_payment_method", "create_payment_intent"],
    "get_payment": ["attach_payment_method", "create_payment_intent"],
}
# The ids in the events. Those that Stripe gives are only known once the objects are made.
_CARD = "pm_card_visa"
_PAYMENT = "pay_3e2053a6f7d53c79a5333513c7376d4c"
_KEY = "first-order-of-the-day"

type Run = Callable[[str, str], Mapping[str, Any]]


def event_for(step: str, run: Run) -> str:
    """The JSON of a step's event, once `run` has made what it names.

    `run` gets an earlier step and its event, and returns what that step answered. Each time, there
    is another card, so an order has another key.
    """
    names: dict[str, str] = {}
    for earlier in _EARLIER_STEPS.get(step, []):
        body = json.loads(run(earlier, _event(earlier, names))["body"])
        if "payment_id" in body:
            names[_PAYMENT] = body["payment_id"]
        else:
            names[_CARD] = body["payment_method_id"]
            names[_KEY] = f"{_KEY}-{body['payment_method_id']}"
    return _event(step, names)


def _event(step: str, names: Mapping[str, str]) -> str:
    text = (EVENTS / f"{step}.json").read_text()
    for sample, name in names.items():
        text = text.replace(sample, name)
    return text


def steps() -> list[str]:
    """Every step that has a function."""
    return sorted(handler.parent.name for handler in (ROOT / "functions").glob("*/handler.py"))


def function_id(step: str) -> str:
    """The logical id of a step's function: `CreatePaymentIntentFunction`."""
    return "".join(word.capitalize() for word in step.split("_")) + "Function"
