"""Tokens: a freshly collected CVC, good for one confirm; or a card, good for one PaymentMethod.

`cvctok_simulator` stands for a new token with the right CVC each time it is used, as `pm_card_visa`
does for cards. Stripe has no such id; it is for requests that are written down in files.

See https://docs.stripe.com/api/tokens
"""

from stripe_simulator.cards import check_cvc, check_expiry, scenario_of_number
from stripe_simulator.errors import (
    StripeError,
    invalid_parameter,
    missing_parameter,
    not_simulated,
    resource_missing,
)
from stripe_simulator.state import Call, StripeObject, TokenizedCard, new_id, now

_EVER_NEW = "cvctok_simulator"
_CVC_TOKEN_PARAM = "payment_method_options[card][cvc_token]"  # noqa: S105  (a parameter's name)


def create(call: Call) -> StripeObject:
    """Make a token, as `createToken('cvc_update', …)` and `createToken(card)` of Stripe.js do."""
    if "card" in call.params:
        return _of_card(call)
    if "cvc_update" not in call.params:
        raise missing_parameter("cvc_update")
    cvc = call.params["cvc_update"]["cvc"]
    check_cvc(cvc, (3, 4), "cvc_update[cvc]")
    token = _added(call, "cvctok", "cvc_update", {})
    call.account.cvcs[token["id"]] = cvc
    return token


def retrieve(call: Call) -> StripeObject:
    return call.account.tokens.find(call.object_id)


def check_unused(call: Call, token_id: str) -> None:
    """Refuse a CVC token that can't serve.

    Raises:
        StripeError: there is no such token, or it was used.
    """
    if token_id == _EVER_NEW:
        return
    if token_id not in call.account.tokens:
        raise resource_missing("token", token_id, param=_CVC_TOKEN_PARAM)
    if call.account.tokens[token_id]["used"]:
        message = "This token was used before; a CVC token serves one confirmation."
        raise invalid_parameter(_CVC_TOKEN_PARAM, message, "token_already_used")


def token_required() -> StripeError:
    """The refusal of a confirmation that lacks the CVC token it needs."""
    return missing_parameter(
        _CVC_TOKEN_PARAM,
        "This PaymentIntent requires the CVC of the saved card to be collected again: send a"
        " cvc_update token.",
    )


def use(call: Call, token_id: str) -> str:
    """The CVC in a token, which is thereby used up."""
    if token_id == _EVER_NEW:
        return "123"
    call.account.tokens[token_id]["used"] = True
    return call.account.cvcs.pop(token_id)


def _of_card(call: Call) -> StripeObject:
    given = call.params["card"]
    if isinstance(given, str):
        raise not_simulated("card")
    scenario = scenario_of_number(given["number"])
    month = _whole_number(given["exp_month"])
    year = check_expiry(month, _whole_number(given["exp_year"]))
    if "cvc" in given:
        check_cvc(given["cvc"], (scenario.cvc_length,))
    token = _added(
        call,
        "tok",
        "card",
        {
            "id": new_id("card"),
            "object": "card",
            "brand": scenario.brand,
            "country": scenario.country,
            "exp_month": month,
            "exp_year": year,
            "funding": scenario.funding,
            "last4": scenario.last4,
            "name": given.get("name"),
        },
    )
    address = {name: given.get(f"address_{name}") for name in ("city", "country", "line1", "line2")}
    address |= {"state": given.get("address_state"), "postal_code": given.get("address_zip")}
    call.account.tokenized_cards[token["id"]] = TokenizedCard(
        scenario,
        expiry=(month, year),
        billing_details={"name": given.get("name"), "address": address},
        cvc_given="cvc" in given,
    )
    return token


def _whole_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _added(call: Call, prefix: str, kind: str, content: StripeObject) -> StripeObject:
    return call.account.tokens.add(
        {
            "id": new_id(prefix),
            "object": "token",
            kind: content,
            "client_ip": "127.0.0.1",
            "created": now(),
            "livemode": False,
            "type": kind,
            "used": False,
        }
    )
