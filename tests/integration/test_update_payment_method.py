"""Changing a saved card, and preferring it."""

from typing import Any

import pytest

from tests.integration.conftest import SECRET_KEY
from tests.support.api_client import ApiClient
from tests.support.simulator_client import Simulator
from tests.support.webhooks import deliver, events

VISA = "4242424242424242"
MASTERCARD = "5555555555554444"


@pytest.fixture
def visa(ada: ApiClient, stripe: Simulator) -> str:
    """Ada's saved card."""
    return ada.attached(stripe.payment_method(VISA))


def shown(person: ApiClient, card: str) -> dict[str, Any]:
    """A card in the person's list."""
    cards = {each["payment_method_id"]: each for each in person.cards().body["data"]}
    return dict(cards[card])


def test_what_was_changed_is_told_and_listed(ada: ApiClient, visa: str) -> None:
    address = {"line1": "12 St James's Square", "city": "London", "country": "GB"}
    details = {"name": "Ada King", "email": "ada@example.com", "address": address}

    changed = ada.change_card(visa, exp_month=3, exp_year=2041, billing_details=details)

    assert changed.status == 200
    assert shown(ada, visa) == changed.body
    assert (changed.body["exp_month"], changed.body["exp_year"]) == (3, 2041)
    assert changed.body["cardholder_name"] == "Ada King"
    assert changed.body["billing_details"] == {
        "name": "Ada King",
        "email": "ada@example.com",
        "phone": None,
        "address": {"line2": None, "state": None, "postal_code": None, **address},
    }


def test_what_is_left_out_stays_and_null_removes(ada: ApiClient, visa: str) -> None:
    ada.change_card(visa, billing_details={"email": "ada@example.com", "phone": "+442079460000"})

    details = ada.change_card(visa, billing_details={"email": None}).body["billing_details"]

    shown_now = (details["name"], details["email"], details["phone"])
    assert shown_now == ("Ada Lovelace", None, "+442079460000")


def test_an_expired_card_is_good_again_with_its_new_expiry(
    ada: ApiClient, stripe: Simulator, visa: str
) -> None:
    stripe.let_expire(visa)
    assert shown(ada, visa)["expired"] is True

    assert ada.change_card(visa, exp_month=1, exp_year=2044).body["expired"] is False
    assert shown(ada, visa)["expired"] is False


def test_a_card_that_its_network_renews_shows_its_new_expiry(
    ada: ApiClient, stripe: Simulator, visa: str
) -> None:
    stripe.let_expire(visa)

    stripe.renew(visa, exp_month=9, exp_year=2045)

    card = shown(ada, visa)
    assert (card["exp_month"], card["exp_year"], card["expired"]) == (9, 2045, False)
    event = events(stripe, "payment_method.automatically_updated")[0]
    assert deliver(event).body == {"outcome": "not_kept"}


def test_one_card_is_the_default_one(ada: ApiClient, stripe: Simulator, visa: str) -> None:
    other = ada.attached(stripe.payment_method(MASTERCARD))
    assert {each["default"] for each in ada.cards().body["data"]} == {False}

    for preferred in (visa, other, other, visa):
        changed = ada.change_card(preferred, default=True)

        assert (changed.status, changed.body["default"]) == (200, True)
        listed = {each["payment_method_id"]: each["default"] for each in ada.cards().body["data"]}
        assert listed == {visa: preferred == visa, other: preferred == other}


def test_a_change_leaves_the_default_and_the_consent_alone(
    ada: ApiClient, stripe: Simulator
) -> None:
    intent = ada.set_up_card("off_session").body
    stripe.set_up_card(intent["client_secret"], stripe.payment_method(VISA))
    card = ada.attach_set_up(intent["setup_intent_id"]).body["payment_method_id"]
    ada.change_card(card, default=True)

    changed = ada.change_card(card, exp_month=5, exp_year=2042).body

    assert (changed["default"], changed["usable_off_session"]) == (True, True)
    assert shown(ada, card) == changed


@pytest.mark.parametrize("change", [{"default": True}, {"exp_month": 1, "exp_year": 2044}])
def test_a_card_that_is_not_ones_own_is_not_found_and_stays_as_it_is(
    ada: ApiClient, bob: ApiClient, stripe: Simulator, visa: str, change: dict[str, Any]
) -> None:
    bobs = bob.attached(stripe.payment_method(VISA))
    before = shown(bob, bobs)
    loose = stripe.payment_method(VISA)
    removed = ada.attached(stripe.payment_method(MASTERCARD))
    ada.delete_card(removed)
    stripe.forget_calls()

    for card in (bobs, loose, removed, "pm_unknown"):
        answer = ada.change_card(card, **change)
        assert (answer.status, answer.code) == (404, "payment_method_not_found"), card

    assert {call["method"] for call in stripe.calls()} == {"GET"}
    assert shown(bob, bobs) == before
    assert shown(ada, visa)["default"] is False


@pytest.mark.usefixtures("visa")
def test_a_person_without_cards_changes_none(bob: ApiClient, visa: str) -> None:
    answer = bob.change_card(visa, default=True)

    assert (answer.status, answer.code) == (404, "payment_method_not_found")


def test_a_replaced_card_is_changed_no_more(ada: ApiClient, stripe: Simulator, visa: str) -> None:
    """An open payment keeps it at Stripe."""
    ada.create(product_id="coffee", payment_method_id=visa)
    newer = next(each for each in iter(lambda: stripe.payment_method(VISA), None) if each > visa)
    assert ada.attached(newer) == newer

    assert ada.change_card(visa, default=True).code == "payment_method_not_found"
    assert shown(ada, newer)["default"] is False


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"exp_month": 1, "exp_year": 2020}, "exp_year"),
        ({"exp_month": 13}, "exp_month"),
        ({"default": False}, "default"),
        ({"number": VISA}, "number"),
        ({}, "body"),
        ({"billing_details": {}}, "body"),
        ({"billing_details": {"email": "nowhere"}}, "billing_details.email"),
    ],
)
def test_what_cannot_be_changed_is_named_and_nothing_is(
    ada: ApiClient, visa: str, change: dict[str, Any], field: str
) -> None:
    before = shown(ada, visa)

    answer = ada.change_card(visa, **change)

    assert (answer.status, answer.code) == (422, "validation_error")
    assert [error["field"] for error in answer.body["errors"]] == [field]
    assert shown(ada, visa) == before


def test_an_expiry_that_stripe_refuses_makes_no_card_the_default(ada: ApiClient, visa: str) -> None:
    answer = ada.change_card(visa, exp_month=1, exp_year=2020, default=True)

    assert answer.status == 422
    assert shown(ada, visa)["default"] is False


@pytest.mark.parametrize("kind", ["http_500", "timeout_before", "timeout_after"])
@pytest.mark.parametrize("path", ["/v1/payment_methods/*", "/v1/customers/*"])
def test_a_change_that_stripe_interrupts_is_finished_by_the_next_try(
    ada: ApiClient, stripe: Simulator, visa: str, path: str, kind: str
) -> None:
    stripe.fault("POST", path, kind, times=3)  # the SDK's own tries
    change = {"exp_month": 3, "exp_year": 2041, "default": True}

    failed, again = ada.change_card(visa, **change), ada.change_card(visa, **change)

    assert (failed.status, failed.body["retryable"], again.status) == (503, True, 200)
    card = shown(ada, visa)
    assert (card["exp_month"], card["exp_year"], card["default"]) == (3, 2041, True)


def test_a_default_that_the_merchant_chooses_is_told(
    ada: ApiClient, stripe: Simulator, visa: str
) -> None:
    (customer,) = stripe.listed(SECRET_KEY, "/v1/customers")
    preferred = {"invoice_settings[default_payment_method]": visa}

    stripe.post(SECRET_KEY, f"/v1/customers/{customer['id']}", **preferred)

    assert shown(ada, visa)["default"] is True
