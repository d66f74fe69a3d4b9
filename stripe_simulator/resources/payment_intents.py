"""PaymentIntents: creation, updates, and the calls that move them on.

amount is in minor units: 1099 is €10.99, or ¥1099.
See https://docs.stripe.com/api/payment_intents
"""

from typing import Any

from stripe_simulator import three_d_secure
from stripe_simulator.currencies import check_amount, check_divisible, checked_currency
from stripe_simulator.descriptors import check_descriptor
from stripe_simulator.emails import check_email
from stripe_simulator.errors import (
    StripeError,
    invalid_parameter,
    not_simulated,
    resource_missing,
)
from stripe_simulator.keys import secret_key_required
from stripe_simulator.lists import listed
from stripe_simulator.metadata import merged, unset_if_empty
from stripe_simulator.resources import amount_details, charges, confirmation, payment_methods
from stripe_simulator.resources.amount_details import AmountDetails
from stripe_simulator.search import searched
from stripe_simulator.state import Call, Progress, StripeObject, copied, new_id, now

_PLAIN = (
    "description",
    "receipt_email",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
)
_PAYMENT_METHOD = frozenset({"payment_method", "payment_method_options"})
_AT_CONFIRM = frozenset({"error_on_requires_action", "off_session", "return_url"})
_UPDATE = frozenset(
    {*_PLAIN, *_PAYMENT_METHOD, "amount", "currency", "customer", "metadata", "capture_method"}
    | {"setup_future_usage", "allowed_payment_method_types", "payment_details"}
)
CREATE_PARAMS = frozenset(
    {*_UPDATE, *_AT_CONFIRM, "automatic_payment_methods", "confirm", "confirmation_method"}
    | {"amount_details", "use_stripe_sdk"}
)
UPDATE_PARAMS = _UPDATE
CONFIRM_PARAMS = frozenset(
    {*_PAYMENT_METHOD, *_AT_CONFIRM, "amount_details", "amount_to_confirm", "receipt_email"}
    | {"setup_future_usage", "shipping", "use_stripe_sdk", "allowed_payment_method_types"}
    | {"radar_options"}
)
_PAYMENT_DETAILS = ("customer_reference", "order_reference")
_LONGEST_REFERENCE = 255
CAPTURE_PARAMS = frozenset({"amount_to_capture", "metadata", "statement_descriptor_suffix"})
_CARD_OPTIONS = frozenset({"cvc_token", "request_three_d_secure", "require_cvc_recollection"})
_SECRET_FROM_BROWSERS = ("customer", "latest_charge", "metadata", "transfer_group")


def create(call: Call) -> StripeObject:
    confirm_now = call.params.get("confirm", False)
    for param in sorted(_AT_CONFIRM & call.params.keys()):
        if not confirm_now:
            message = f"'{param}' can only be given together with confirm=true."
            raise invalid_parameter(param, message, "payment_intent_invalid_parameter")
    currency = checked_currency(call.params["currency"])
    check_amount(call.params["amount"], currency)
    intent_id = new_id("pi")
    intent: StripeObject = {
        "id": intent_id,
        "object": "payment_intent",
        "allowed_payment_method_types": None,
        "amount": call.params["amount"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{intent_id}_{new_id('secret')}",
        "confirmation_method": call.params.get("confirmation_method", "automatic"),
        "created": now(),
        "currency": currency,
        "customer": None,
        "customer_account": None,
        "description": None,
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_details": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": _card_options({})},
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }
    intent["automatic_payment_methods"] = _automatic_payment_methods(call)
    _refuse_cvc_token(call, confirming=confirm_now)
    intent |= _changes(call, intent)
    payment_method = _named_payment_method(call)
    if payment_method:
        payment_methods.check_customer(payment_method, intent["customer"])
        intent |= {"payment_method": payment_method["id"], "status": "requires_confirmation"}
    details = amount_details.of_request(call, intent, intent["amount"])
    attempt = confirmation.prepare(call, intent, payment_method) if confirm_now else None
    _keep(call, intent, details)
    call.account.payment_intents.add(intent)
    call.account.progress[intent_id] = Progress()
    call.emit("payment_intent.created", intent)
    return confirmation.begin(call, intent, attempt) if attempt else intent


def retrieve(call: Call) -> StripeObject:
    return _as_seen(call, _found(call))


def update(call: Call) -> StripeObject:
    intent = call.account.payment_intents.find(call.object_id)
    final = intent["status"] not in confirmation.CONFIRMABLE
    if final and call.params.keys() - {"metadata", "description", "receipt_email", "expand"}:
        raise confirmation.unexpected_state(
            f"This PaymentIntent can no longer be updated: its status is {intent['status']}.",
            intent,
        )
    _refuse_cvc_token(call, confirming=False)
    changes = _changes(call, intent)
    payment_method = _named_payment_method(call)
    if payment_method:
        payment_methods.check_customer(
            payment_method,
            changes.get("customer", intent["customer"]),
            payment_intent=copied(intent),
        )
    if not final and ("amount" in changes or "currency" in changes):
        future = intent | changes
        check_amount(future["amount"], future["currency"])
    intent |= changes
    if payment_method:
        _start_over(call, intent, payment_method["id"])
    elif {"amount", "currency", "customer"} & changes.keys() and intent["payment_method"]:
        _start_over(call, intent, intent["payment_method"])
    return intent


def confirm(call: Call) -> StripeObject:
    intent = _found(call)
    if call.publishable and intent["confirmation_method"] == "manual":
        raise secret_key_required()
    if call.publishable and "amount_to_confirm" in call.params:
        raise secret_key_required()
    if intent["status"] not in confirmation.CONFIRMABLE:
        confirmation.prepare(call, intent, None)  # which says what is wrong
    changes = _changes(call, intent)
    if "amount_to_confirm" in call.params:
        # https://docs.stripe.com/changelog/dahlia/2026-04-22/amount-confirmation-parameter-to-paymentintent
        changes["amount"] = call.params["amount_to_confirm"]
        check_amount(changes["amount"], intent["currency"])
    details = amount_details.of_request(call, intent, (intent | changes)["amount"])
    payment_method = _named_payment_method(call)
    attempt = confirmation.prepare(call, intent | changes, payment_method)
    intent |= changes
    _keep(call, intent, details)
    return _as_seen(call, confirmation.begin(call, intent, attempt))


def answer_challenge(call: Call) -> StripeObject:
    """The cardholder's answer to 3D Secure, from the browser."""
    intent = _found(call)
    succeeded, source = three_d_secure.answer_in(call)
    return _as_seen(
        call,
        confirmation.answer_challenge(call, intent, succeeded=succeeded, challenge_id=source),
    )


def cancel(call: Call) -> StripeObject:
    intent = call.account.payment_intents.find(call.object_id)
    if intent["status"] not in {*confirmation.CONFIRMABLE, "requires_capture"}:
        raise confirmation.unexpected_state(
            f"This PaymentIntent can't be canceled: its status is {intent['status']}.", intent
        )
    return confirmation.cancel(call, intent, call.params.get("cancellation_reason"))


def capture(call: Call) -> StripeObject:
    intent = call.account.payment_intents.find(call.object_id)
    if intent["status"] != "requires_capture":
        raise confirmation.unexpected_state(
            f"This PaymentIntent can't be captured: its status is {intent['status']}.", intent
        )
    amount = call.params.get("amount_to_capture", intent["amount_capturable"])
    if amount < 1:
        message = "This value must be greater than or equal to 1."
        raise invalid_parameter("amount_to_capture", message, "parameter_invalid_integer")
    if amount > intent["amount_capturable"]:
        message = f"At most {intent['amount_capturable']} can be captured."
        raise invalid_parameter("amount_to_capture", message, "amount_too_large")
    check_divisible(amount, intent["currency"], "amount_to_capture")
    changes = _changes(call, intent)
    charge = call.account.charges[intent["latest_charge"]]
    if now() > charges.capture_before(charge):
        message = "The charge can't be captured: the authorization has expired."
        raise StripeError(message, code="charge_expired_for_capture")
    intent |= changes
    charges.capture(call, charge, amount, intent["statement_descriptor_suffix"])
    confirmation.succeed(call, intent, amount)
    return intent


def list_all(call: Call) -> StripeObject:
    customer = call.params.get("customer")
    return listed(
        call,
        [
            intent
            for intent in call.account.payment_intents.values()
            if customer in {None, intent["customer"]}
        ],
    )


def search(call: Call) -> StripeObject:
    return searched(call, call.account.payment_intents.values())


def _found(call: Call) -> StripeObject:
    intent = call.account.payment_intents.find(call.object_id)
    given = call.params.get("client_secret")
    if (call.publishable or given) and given != intent["client_secret"]:
        raise resource_missing("payment_intent", call.object_id, param="intent", status=404)
    return intent


def _as_seen(call: Call, intent: StripeObject) -> StripeObject:
    if not call.publishable:
        return intent
    return {name: value for name, value in intent.items() if name not in _SECRET_FROM_BROWSERS}


def _start_over(call: Call, intent: StripeObject, payment_method_id: str) -> None:
    progress = call.account.progress[intent["id"]]
    progress.challenge, progress.authenticated = None, False
    intent |= {
        "payment_method": payment_method_id,
        "status": "requires_confirmation",
        "next_action": None,
    }


def _named_payment_method(call: Call) -> StripeObject | None:
    if "payment_method" not in call.params:
        return None
    return payment_methods.used(call, call.params["payment_method"])


def _changes(call: Call, intent: StripeObject) -> StripeObject:
    params = call.params
    check_email(params.get("receipt_email", ""), "receipt_email")
    check_descriptor(
        params.get("statement_descriptor", ""), params.get("statement_descriptor_suffix", "")
    )
    changes: dict[str, Any] = {
        name: copied(unset_if_empty(params[name])) for name in _PLAIN if name in params
    }
    if "customer" in params:
        changes["customer"] = call.account.customers.referenced(params["customer"], "customer")[
            "id"
        ]
    if "currency" in params:
        changes["currency"] = checked_currency(params["currency"])
    for name in ("amount", "capture_method"):
        if name in params:
            changes[name] = params[name]
    if "setup_future_usage" in params:
        changes["setup_future_usage"] = unset_if_empty(params["setup_future_usage"])
    if "metadata" in params:
        changes["metadata"] = merged(intent["metadata"], params["metadata"])
    if "allowed_payment_method_types" in params:
        changes["allowed_payment_method_types"] = _allowed_types(call)
    if "payment_details" in params:
        changes["payment_details"] = _payment_details(params["payment_details"])
    if "payment_method_options" in params:
        _refuse_other_types(params["payment_method_options"])
        current = intent["payment_method_options"]["card"]
        given = params["payment_method_options"].get("card") or {}
        for name in given.keys() - _CARD_OPTIONS:
            raise not_simulated(f"payment_method_options[card][{name}]")
        changes["payment_method_options"] = {"card": _card_options({**current, **given})}
    return changes


def _payment_details(given: dict[str, Any]) -> StripeObject:
    """The merchant's own names for what is paid.

    See https://docs.stripe.com/api/payment_intents/create#create_payment_intent-payment_details
    """
    for name in given.keys() - set(_PAYMENT_DETAILS):
        raise not_simulated(f"payment_details[{name}]")
    for name, value in given.items():
        if len(value) > _LONGEST_REFERENCE:
            param = f"payment_details[{name}]"
            raise invalid_parameter(param, f"It has at most {_LONGEST_REFERENCE} characters.")
    return {name: given.get(name) or None for name in _PAYMENT_DETAILS}


def _allowed_types(call: Call) -> list[str]:
    types: list[str] = call.params["allowed_payment_method_types"]
    if "card" not in types:
        raise invalid_parameter(
            "allowed_payment_method_types",
            "Of the payment methods given, the simulated account has none activated: it takes"
            " cards.",
            "payment_intent_invalid_parameter",
        )
    if "automatic_payment_methods" in call.params:
        message = "allowed_payment_method_types and automatic_payment_methods exclude each other."
        raise invalid_parameter("allowed_payment_method_types", message, "parameters_exclusive")
    return types


def _automatic_payment_methods(call: Call) -> StripeObject | None:
    given: StripeObject | None = call.params.get("automatic_payment_methods")
    if given:
        return {"allow_redirects": "always"} | given
    if "allowed_payment_method_types" in call.params:
        return None
    return {"allow_redirects": "always", "enabled": True}


def _card_options(given: dict[str, Any]) -> StripeObject:
    options = {
        "installments": None,
        "mandate_options": None,
        "network": None,
        "request_three_d_secure": given.get("request_three_d_secure") or "automatic",
    }
    if given.get("require_cvc_recollection"):
        options["require_cvc_recollection"] = True
    return options


def _refuse_other_types(options: dict[str, Any]) -> None:
    for name in options:
        if name != "card":
            raise invalid_parameter(
                f"payment_method_options[{name}]",
                f"The simulated account takes cards, and no {name}.",
                "payment_intent_invalid_parameter",
            )


def _keep(call: Call, intent: StripeObject, details: AmountDetails | None) -> None:
    if details:
        intent["amount_details"] = details.told
        call.account.line_items[intent["id"]] = details.line_items


def _refuse_cvc_token(call: Call, *, confirming: bool) -> None:
    options = call.params.get("payment_method_options", {}).get("card") or {}
    if "cvc_token" in options and not confirming:
        raise invalid_parameter(
            "payment_method_options[card][cvc_token]",
            "A CVC token can only be given while confirming.",
            "payment_intent_invalid_parameter",
        )
