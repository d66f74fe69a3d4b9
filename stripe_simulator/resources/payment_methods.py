"""PaymentMethods: cards made in the browser, and attached to customers.

See https://docs.stripe.com/api/payment_methods
"""

import datetime as dt
import hashlib
from dataclasses import replace
from typing import Any

from stripe_simulator.cards import (
    Scenario,
    card_error,
    check_cvc,
    check_expiry,
    scenario_of_id,
    scenario_of_number,
)
from stripe_simulator.errors import (
    StripeError,
    invalid_parameter,
    missing_parameter,
    not_simulated,
    resource_missing,
)
from stripe_simulator.lists import listed
from stripe_simulator.metadata import merged, unset_if_empty
from stripe_simulator.state import (
    Account,
    Call,
    SavedCard,
    StripeObject,
    copied,
    new_id,
    now,
)

_ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")
_TEST_ID_EXPIRY_MONTH = 8
_TEST_ID_YEARS_AHEAD = 5


def create(call: Call) -> StripeObject:
    """Make a card of what a card form collects, or of a test token.

    Raises:
        StripeError: 402 for a card that can't be one, 400 for anything but a card.
    """
    params = call.params
    if "type" not in params:
        raise missing_parameter("type")
    if params["type"] != "card":
        raise not_simulated(f"type={params['type']}")
    if "card" not in params:
        raise missing_parameter("card")
    card = params["card"]
    if "token" in card:
        return _from_token(call, card["token"])
    for name in ("number", "exp_month", "exp_year"):
        if name not in card:
            raise missing_parameter(f"card[{name}]")
    scenario = scenario_of_number(card["number"])
    year = check_expiry(card["exp_month"], card["exp_year"])
    if "cvc" in card:
        check_cvc(card["cvc"], (scenario.cvc_length,))
    return _add(
        call,
        scenario,
        expiry=(card["exp_month"], year),
        billing_details=params.get("billing_details"),
        metadata=merged({}, params.get("metadata")),
        cvc_given="cvc" in card,
    )


def used(call: Call, payment_method_id: str, param: str = "payment_method") -> StripeObject:
    """The PaymentMethod that a parameter names; a test id such as pm_card_visa becomes a new one.

    Raises:
        StripeError: there is none, or it can't be used again.
    """
    scenario = scenario_of_id(payment_method_id)
    if scenario is not None and payment_method_id.startswith("pm_"):
        return _from_scenario(call, scenario, None)
    payment_method = call.account.payment_methods.referenced(payment_method_id, param)
    if call.account.cards[payment_method_id].spent:
        raise StripeError(
            "This PaymentMethod was detached from a customer, or used before without one, and may"
            " not be used again."
        )
    return payment_method


def retrieve(call: Call) -> StripeObject:
    return call.account.payment_methods.find(call.object_id)


def update(call: Call) -> StripeObject:
    payment_method = call.account.payment_methods.find(call.object_id)
    if payment_method["customer"] is None:
        raise StripeError(
            "A PaymentMethod must be attached to a customer before it can be updated.",
            code="payment_method_unexpected_state",
        )
    before = copied(payment_method)
    if "card" in call.params:
        month = call.params["card"].get("exp_month", payment_method["card"]["exp_month"])
        year = call.params["card"].get("exp_year", payment_method["card"]["exp_year"])
        payment_method["card"] |= {"exp_month": month, "exp_year": check_expiry(month, year)}
    if "billing_details" in call.params:
        current = payment_method["billing_details"]
        payment_method["billing_details"] = _billing_details(
            call.params["billing_details"], current
        )
    payment_method["metadata"] = merged(payment_method["metadata"], call.params.get("metadata"))
    if "allow_redisplay" in call.params:
        payment_method["allow_redisplay"] = call.params["allow_redisplay"]
    emit_updated(call, payment_method, before)
    return payment_method


def emit_updated(
    call: Call, payment_method: StripeObject, before: StripeObject, *, automatically: bool = False
) -> None:
    """Emit what changed, if anything did."""
    previous = {name: before[name] for name in before if before[name] != payment_method[name]}
    if previous:
        event = "automatically_updated" if automatically else "updated"
        call.emit(f"payment_method.{event}", payment_method, previous)


def attach(call: Call) -> StripeObject:
    if "customer" not in call.params:
        raise missing_parameter("customer")
    customer = call.account.customers.referenced(call.params["customer"], "customer")
    if scenario_of_id(call.object_id) is None:
        call.account.payment_methods.find(call.object_id)
    payment_method = used(call, call.object_id)
    if payment_method["customer"] == customer["id"]:
        return payment_method
    if payment_method["customer"] is not None:
        raise StripeError("This PaymentMethod is already attached to another customer.")
    keep_for(call, payment_method, customer["id"])
    return payment_method


def keep_for(call: Call, payment_method: StripeObject, customer_id: str) -> None:
    """Attach a card, which asks its issuer.

    Raises:
        StripeError: 402, the issuer refused.
    """
    decline = call.account.cards[payment_method["id"]].scenario.attach_decline
    if decline:
        raise card_error(replace(decline, param=decline.param or ""))
    payment_method["customer"] = customer_id
    payment_method["card"]["checks"]["cvc_check"] = "pass"
    call.emit("payment_method.attached", payment_method)


def detach(call: Call) -> StripeObject:
    payment_method = call.account.payment_methods.find(call.object_id)
    if payment_method["customer"] is None:
        raise StripeError("This PaymentMethod is attached to no customer, so it can't be detached.")
    release(call, payment_method)
    return payment_method


def release(call: Call, payment_method: StripeObject) -> None:
    """Detach a card for good; whose default it was has none."""
    previous = {"customer": payment_method["customer"]}
    customer = call.account.customers[payment_method["customer"]]
    settings = customer["invoice_settings"]
    if settings["default_payment_method"] == payment_method["id"]:
        customer["invoice_settings"] = settings | {"default_payment_method": None}
    payment_method["customer"] = None
    call.account.cards[payment_method["id"]].spent = True
    for mandate in call.account.mandates.values():
        if mandate["payment_method"] == payment_method["id"] and mandate["status"] == "active":
            mandate["status"] = "inactive"
            call.emit("mandate.updated", mandate, {"status": "active"})
    call.emit("payment_method.detached", payment_method, previous)


def list_all(call: Call) -> StripeObject:
    if "customer" not in call.params:
        return listed(call, [])
    customer = call.account.customers.referenced(call.params["customer"], "customer")
    return listed(call, matching(call, customer["id"]))


def matching(call: Call, customer_id: str) -> list[StripeObject]:
    """What a list shows of a customer's cards."""
    wanted_type = call.params.get("type", "card")
    return [
        payment_method
        for payment_method in attached_to(call.account, customer_id)
        if payment_method["type"] == wanted_type
        and call.params.get("allow_redisplay") in {None, payment_method["allow_redisplay"]}
    ]


def attached_to(account: Account, customer_id: str) -> list[StripeObject]:
    return [pm for pm in account.payment_methods.values() if pm["customer"] == customer_id]


def check_customer(payment_method: StripeObject, customer_id: str | None, **details: Any) -> None:
    """Refuse another customer's card.

    Raises:
        StripeError: with the details, such as the intent that was to be paid with it.
    """
    if payment_method["customer"] is None or payment_method["customer"] == customer_id:
        return
    if customer_id is None:
        raise invalid_parameter(
            "payment_method",
            "This PaymentMethod is attached to a customer; name that customer in `customer`.",
            "payment_intent_invalid_parameter",
        )
    raise StripeError(
        f"The customer has no payment method with the id {payment_method['id']}; it must be"
        " attached to the customer.",
        param="payment_method",
        **details,
    )


def _from_token(call: Call, token_id: str) -> StripeObject:
    billing_details = call.params.get("billing_details")
    scenario = scenario_of_id(token_id)
    if scenario is not None:
        return _from_scenario(call, scenario, billing_details)
    if token_id not in call.account.tokens:
        raise resource_missing("token", token_id, param="card[token]")
    card = call.account.tokenized_cards.pop(token_id, None)
    if card is None:
        message = "This token was used before, or is no card's; a card token serves once."
        raise invalid_parameter("card[token]", message, "token_already_used")
    call.account.tokens[token_id]["used"] = True
    return _add(
        call,
        card.scenario,
        expiry=card.expiry,
        billing_details=card.billing_details | (billing_details or {}),
        metadata=merged({}, call.params.get("metadata")),
        cvc_given=card.cvc_given,
    )


def _from_scenario(
    call: Call, scenario: Scenario, billing_details: dict[str, Any] | None
) -> StripeObject:
    year = dt.datetime.now(dt.UTC).year + _TEST_ID_YEARS_AHEAD
    return _add(
        call,
        scenario,
        expiry=(_TEST_ID_EXPIRY_MONTH, year),
        billing_details=billing_details,
        metadata={},
        cvc_given=True,
    )


def _add(
    call: Call,
    scenario: Scenario,
    *,
    expiry: tuple[int, int],
    billing_details: dict[str, Any] | None,
    metadata: dict[str, str],
    cvc_given: bool,
) -> StripeObject:
    payment_method_id = new_id("pm")
    call.account.cards[payment_method_id] = SavedCard(
        scenario, set_up="off_session" if scenario.set_up else None
    )
    fingerprint = hashlib.sha256(scenario.number.encode()).hexdigest()[:16]
    return call.account.payment_methods.add(
        {
            "id": payment_method_id,
            "object": "payment_method",
            "allow_redisplay": call.params.get("allow_redisplay", "unspecified"),
            "billing_details": _billing_details(billing_details or {}, {}),
            "card": {
                "brand": scenario.brand,
                "checks": {
                    "address_line1_check": None,
                    "address_postal_code_check": None,
                    "cvc_check": "unchecked" if cvc_given else None,
                },
                "country": scenario.country,
                "display_brand": scenario.brand,
                "exp_month": expiry[0],
                "exp_year": expiry[1],
                "fingerprint": fingerprint,
                "funding": scenario.funding,
                "generated_from": None,
                "last4": scenario.last4,
                "networks": {"available": [scenario.brand], "preferred": None},
                "regulated_status": "unregulated",
                "three_d_secure_usage": {"supported": scenario.brand != "amex"},
                "wallet": None,
            },
            "created": now(),
            "customer": None,
            "customer_account": None,
            "livemode": False,
            "metadata": metadata,
            "type": "card",
        }
    )


def _billing_details(given: dict[str, Any] | str, current: dict[str, Any]) -> dict[str, Any]:
    given = given if isinstance(given, dict) else {}
    address = unset_if_empty(given.get("address", current.get("address"))) or {}
    details = {
        name: unset_if_empty(given.get(name, current.get(name)))
        for name in ("email", "name", "phone", "tax_id")
    }
    return details | {"address": {name: unset_if_empty(address.get(name)) for name in _ADDRESS}}
