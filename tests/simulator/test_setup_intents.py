import pytest
import stripe
from stripe._v1_services import V1Services

from tests.simulator.conftest import Shopper, Steering


def test_a_card_that_needs_nothing_is_set_up_at_once(shopper: Shopper) -> None:
    customer, card = shopper.customer(), shopper.card()
    setup = shopper.server.setup_intents.create({"customer": customer.id})
    assert setup.status == "requires_payment_method"

    confirmed = shopper.server.setup_intents.confirm(setup.id, {"payment_method": card.id})

    assert confirmed.status == "succeeded"
    assert shopper.server.payment_methods.retrieve(card.id).customer == customer.id


def test_the_browser_confirms_with_the_client_secret(shopper: Shopper, steering: Steering) -> None:
    setup = shopper.server.setup_intents.create({"customer": shopper.customer().id})
    card = shopper.card("4000002760003184")
    headers = {"Authorization": "Bearer pk_test_simulator"}
    confirm = f"/v1/setup_intents/{setup.id}/confirm"
    form = {"payment_method": card.id, "use_stripe_sdk": "true"}

    assert steering.http.post(confirm, data=form, headers=headers).status_code == 404
    form["client_secret"] = str(setup.client_secret)
    answer = steering.http.post(confirm, data=form, headers=headers)

    assert answer.json()["next_action"]["type"] == "use_stripe_sdk"
    assert steering.answer_challenge(setup.id, "succeed")["status"] == "succeeded"


def test_a_failed_challenge_leaves_the_card_unsaved(shopper: Shopper, steering: Steering) -> None:
    card = shopper.card("4000002760003184")
    setup = shopper.server.setup_intents.create(
        {"customer": shopper.customer().id, "payment_method": card.id, "confirm": True}
    )

    steering.answer_challenge(setup.id, "fail")

    after = shopper.server.setup_intents.retrieve(setup.id)
    assert (after.status, after.payment_method) == ("requires_payment_method", None)
    assert after.last_setup_error is not None
    assert after.last_setup_error.code == "setup_intent_authentication_failure"
    assert shopper.server.payment_methods.retrieve(card.id).customer is None


def test_a_decline_is_402_with_the_setup_intent(shopper: Shopper) -> None:
    setup = shopper.server.setup_intents.create({"customer": shopper.customer().id})

    with pytest.raises(stripe.CardError) as decline:
        shopper.server.setup_intents.confirm(
            setup.id, {"payment_method": shopper.card("4000000000000002").id}
        )

    assert decline.value.error is not None
    assert decline.value.error.setup_intent is not None
    assert decline.value.error.setup_intent.status == "requires_payment_method"


def test_a_final_setup_intent_can_not_be_confirmed_or_canceled(server: V1Services) -> None:
    setup = server.setup_intents.create({})
    assert server.setup_intents.cancel(setup.id).status == "canceled"

    for act in (server.setup_intents.confirm, server.setup_intents.cancel):
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            act(setup.id)
        assert refusal.value.code == "setup_intent_unexpected_state"


def test_a_setup_intent_without_a_card_can_not_be_confirmed(server: V1Services) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        server.setup_intents.confirm(server.setup_intents.create({}).id)

    assert refusal.value.code == "setup_intent_unexpected_state"


def test_setup_intents_are_listed_by_customer(shopper: Shopper) -> None:
    customer = shopper.customer()
    wanted = shopper.server.setup_intents.create({"customer": customer.id})
    shopper.server.setup_intents.create({})

    found = shopper.server.setup_intents.list({"customer": customer.id}).data

    assert [setup.id for setup in found] == [wanted.id]


def test_an_open_setup_intent_can_be_changed(server: V1Services) -> None:
    setup = server.setup_intents.create({})

    updated = server.setup_intents.update(setup.id, {"description": "A card for later"})

    assert updated.description == "A card for later"
