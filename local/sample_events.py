"""The events that `make invoke` gives the functions, and what has to happen before."""

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from local.paths import ROOT

EVENTS = ROOT / "tests" / "events"
# The steps whose events make the objects that a step's event names.
_EARLIER_STEPS = {
    "get_account": ["signup"],
    "update_account": ["signup"],
    "delete_account": ["signup"],
    "export_account": ["signup"],
    "create_order": ["signup"],
    "get_order": ["signup", "create_order"],
    "get_merchant_order": ["signup", "create_order"],
    "cancel_order": ["signup", "create_order"],
    "delete_product": ["put_product"],
    "update_payment_method": ["attach_payment_method"],
    "detach_payment_method": ["attach_payment_method"],
    "create_payment_intent": ["attach_payment_method"],
    "confirm_payment_intent": ["attach_payment_method", "create_payment_intent"],
    "get_payment": ["attach_payment_method", "create_payment_intent"],
    "get_merchant_payment": ["attach_payment_method", "create_payment_intent"],
    "charge_in_absence": ["attach_payment_method", "create_order"],
    "cancel_payment": ["attach_payment_method", "create_payment_intent"],
    "cancel_merchant_payment": ["attach_payment_method", "create_payment_intent"],
    "create_refund": ["attach_payment_method", "create_payment_intent", "confirm_payment_intent"],
    "list_refunds": ["attach_payment_method", "create_payment_intent", "confirm_payment_intent"],
    "capture_payment": [
        "attach_payment_method",
        "create_order",
        "create_payment_intent",
        "confirm_payment_intent",
    ],
}
# The names in the events. Ids are only known once the objects are made.
_EMAIL = "grace@example.com"
_USER = "8c2b6d1e-3f4a-4b5c-9d6e-7f8091a2b3c4"
_CARD = "pm_card_visa"
_PAYMENT = "pay_3e2053a6f7d53c79a5333513c7376d4c"
_KEY = "first-order-of-the-day"
_ORDER = "ord_0123456789abcdef0123456789abcdef"
_KEY_OF_ORDER = "order-R-1001"

# To capture money, it has to be held: by an order of the person in the other events.
_PERSON = "5f0f8a52-6a1d-4a43-9c1b-1d2f3e4a5b6c"
_TO_BE_HELD = {
    _USER: _PERSON,
    r"\"tax_amount\"": r"\"capture_method\": \"manual\", \"tax_amount\"",
    r"\"items\": [{\"product_id\": \"coffee-beans\", \"quantity\": 1}], \"currency\": \"eur\"": (
        rf"\"order_id\": \"{_ORDER}\""
    ),
}

type Run = Callable[[str, str], Mapping[str, Any]]


def event_for(step: str, run: Run) -> str:
    """The JSON of a step's event, once `run` has made what it names.

    `run` gets an earlier step and its event, and returns what that step answered. Each time, a
    payment has another key, and whoever signs up has another address.
    """
    names: dict[str, str] = {}
    if step == "capture_payment":
        names = _TO_BE_HELD | {_KEY_OF_ORDER: f"{_KEY_OF_ORDER}-{uuid.uuid4()}"}
    elif step == "charge_in_absence":
        names = {_USER: _PERSON, _KEY_OF_ORDER: f"{_KEY_OF_ORDER}-{uuid.uuid4()}"}
    earlier_steps = _EARLIER_STEPS.get(step, [])
    if "signup" in earlier_steps:
        names[_EMAIL] = f"grace.{uuid.uuid4().hex}@example.com"
    for earlier in earlier_steps:
        body = json.loads(run(earlier, _event(earlier, names))["body"])
        if earlier == "signup":
            names[_USER] = body["user_id"]
            names[_KEY_OF_ORDER] = f"{_KEY_OF_ORDER}-{body['user_id']}"
        elif earlier == "create_order":
            names[_ORDER] = body["order_id"]
        elif earlier == "create_payment_intent":
            names[_PAYMENT] = body["payment_id"]
        elif earlier == "attach_payment_method":
            names[_CARD] = body["payment_method_id"]
            names[_KEY] = f"{_KEY}-{uuid.uuid4()}"
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
