"""Tokens: a freshly collected CVC, good for one confirm.

`cvctok_simulator` stands for a new token with the right CVC each time it is used, as `pm_card_visa`
does for cards. Stripe has no such id; it is for requests that are written down in files.

See https://docs.stripe.com/api/tokens
"""

from local.stripe_simulator.cards import check_cvc
from local.stripe_simulator.errors import (
    StripeError,
    invalid_parameter,
    missing_parameter,
    resource_missing,
)
from local.stripe_simulator.state import Call, StripeObject, new_id, now

_EVER_NEW = "cvctok_simulator"
_CVC_TOKEN_PARAM = "payment_method_options[card][cvc_token]"  # noqa: S105  (a parameter's name)


def create(call: Call) -> StripeObject:
    """Make a `cvc_update` token, as `createToken('cvc_update', …)` of Stripe.js does."""
    if "cvc_update" not in call.params:
        raise missing_parameter("cvc_update")
    cvc = call.params["cvc_update"]["cvc"]
    check_cvc(cvc, (3, 4), "cvc_update[cvc]")
    token = call.account.tokens.add(
        {
            "id": new_id("cvctok"),
            "object": "token",
            "client_ip": "127.0.0.1",
            "created": now(),
            "cvc_update": {},
            "livemode": False,
            "type": "cvc_update",
            "used": False,
        }
    )
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
