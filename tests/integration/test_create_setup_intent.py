"""Saving a card by a SetupIntent, and changing it: the real handlers against moto and Stripe."""

import pytest

from tests.integration.conftest import SECRET_KEY
from tests.support.api_client import ApiClient
from tests.support.simulator_client import Simulator

VISA = "4242424242424242"


def set_up(ada: ApiClient, stripe: Simulator, usage: str, **body: object) -> str:
    """A SetupIntent that the browser has confirmed with a new card."""
    intent = ada.set_up_card(usage, **body).body
    path = f"/v1/setup_intents/{intent['setup_intent_id']}/confirm"
    stripe.post(SECRET_KEY, path, payment_method=stripe.payment_method(VISA))
    return str(intent["setup_intent_id"])


def save(ada: ApiClient, setup_intent_id: str) -> tuple[int, dict[str, object]]:
    answer = ada.send("POST", "/payment-methods", body={"setup_intent_id": setup_intent_id})
    return answer.status, answer.body


@pytest.mark.parametrize(("usage", "off_session"), [("on_session", False), ("off_session", True)])
def test_a_card_is_saved_with_what_the_person_agreed_to(
    ada: ApiClient, stripe: Simulator, usage: str, *, off_session: bool
) -> None:
    setup_intent_id = set_up(ada, stripe, usage, consent_text="My coffee, every month.")

    status, card = save(ada, setup_intent_id)

    assert (status, card["usable_off_session"]) == (201, off_session)
    assert save(ada, setup_intent_id) == (200, card)
    assert ada.cards().body["data"] == [card]
    (customer,) = stripe.listed(SECRET_KEY, "/v1/customers")
    (kept,) = stripe.listed(SECRET_KEY, f"/v1/customers/{customer['id']}/payment_methods")
    assert kept["metadata"]["consent_usage"] == usage
    assert kept["metadata"]["consent_text"] == "My coffee, every month."


def test_an_unfinished_setup_intent_saves_nothing_and_anothers_is_not_found(
    ada: ApiClient, bob: ApiClient, stripe: Simulator
) -> None:
    unfinished = ada.set_up_card().body["setup_intent_id"]
    bobs = set_up(bob, stripe, "on_session")

    assert [save(ada, each)[0] for each in (unfinished, bobs, "seti_unknown")] == [409, 404, 404]
    assert ada.cards().body["data"] == []


def test_a_card_is_changed_and_preferred_by_its_owner_alone(
    ada: ApiClient, bob: ApiClient, stripe: Simulator
) -> None:
    card = ada.attached(stripe.payment_method(VISA))
    bobs = bob.attached(stripe.payment_method(VISA))

    changed = ada.change_card(
        card, exp_month=3, exp_year=2041, default=True, billing_details={"name": "Ada King"}
    )

    assert changed.status == 200
    assert ada.cards().body["data"] == [changed.body]
    shown = {name: changed.body[name] for name in ("exp_month", "exp_year", "default")}
    assert shown == {"exp_month": 3, "exp_year": 2041, "default": True}
    assert changed.body["billing_details"]["name"] == "Ada King"
    for each in (bobs, "pm_unknown"):
        assert ada.change_card(each, default=True).code == "payment_method_not_found"
    refused = ada.change_card(card, exp_month=1, exp_year=2020)
    assert (refused.status, refused.code) == (422, "validation_error")
