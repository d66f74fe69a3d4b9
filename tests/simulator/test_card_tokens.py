from typing import Any

import pytest
import stripe

from tests.simulator.conftest import Shopper

CARD: dict[str, Any] = {
    "number": "4242424242424242",
    "exp_month": "12",
    "exp_year": "45",
    "cvc": "123",
    "name": "Ada Lovelace",
    "address_zip": "10115",
}


def _token(shopper: Shopper, **changes: str) -> stripe.Token:
    card: Any = CARD | changes
    return shopper.browser.tokens.create({"card": card})


def test_a_card_token_shows_the_card_without_its_number(shopper: Shopper) -> None:
    token = _token(shopper)

    assert (token.type, token.used) == ("card", False)
    assert token.card is not None
    assert (token.card.brand, token.card.last4) == ("visa", "4242")
    assert (token.card.exp_month, token.card.exp_year) == (12, 2045)
    assert CARD["number"] not in str(token)


def test_a_card_token_becomes_a_payment_method_once(shopper: Shopper) -> None:
    token = _token(shopper)

    made = shopper.server.payment_methods.create(
        {"type": "card", "card": {"token": token.id}, "billing_details": {"name": "A. King"}}
    )

    assert made.card is not None
    assert (made.card.last4, made.card.exp_year) == ("4242", 2045)
    assert made.billing_details.name == "A. King"
    assert made.billing_details.address is not None
    assert made.billing_details.address.postal_code == "10115"
    assert shopper.server.tokens.retrieve(token.id).used is True
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shopper.server.payment_methods.create({"type": "card", "card": {"token": token.id}})
    assert refusal.value.code == "token_already_used"


def test_the_card_behind_a_token_behaves_as_its_number_does(shopper: Shopper) -> None:
    token = _token(shopper, number="4000000000000341")
    made = shopper.server.payment_methods.create({"type": "card", "card": {"token": token.id}})

    with pytest.raises(stripe.CardError):
        shopper.server.payment_intents.create(
            {"amount": 1099, "currency": "eur", "payment_method": made.id, "confirm": True}
        )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"number": "4242424242424241"}, "incorrect_number"),
        ({"exp_month": "13"}, "invalid_expiry_month"),
        ({"exp_month": "May"}, "invalid_expiry_month"),
        ({"exp_year": "20"}, "invalid_expiry_year"),
        ({"cvc": "1234"}, "invalid_cvc"),
    ],
)
def test_what_can_not_be_a_card_makes_no_token(
    shopper: Shopper, changes: dict[str, str], code: str
) -> None:
    with pytest.raises(stripe.CardError) as refusal:
        _token(shopper, **changes)

    assert refusal.value.code == code


def test_a_cvc_token_is_no_card(shopper: Shopper) -> None:
    for token, code in (
        (shopper.cvc_token(), "token_already_used"),
        ("tok_unknown", "resource_missing"),
    ):
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            shopper.server.payment_methods.create({"type": "card", "card": {"token": token}})
        assert (refusal.value.code, refusal.value.param) == (code, "card[token]")


def test_a_token_of_a_customers_card_is_not_simulated(shopper: Shopper) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shopper.browser.tokens.create({"card": "card_1"})

    assert refusal.value.code == "simulator_not_simulated"
