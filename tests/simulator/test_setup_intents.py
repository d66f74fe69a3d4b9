import pytest
import stripe
from stripe._v1_services import V1Services

from tests.simulator.conftest import Shopper, Steering

UNLESS_SET_UP = "4000002500003155"


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


def _set_up(shopper: Shopper, steering: Steering, usage: str) -> tuple[str, str]:
    """A customer and its card, challenged while it was saved."""
    customer, card = shopper.customer(), shopper.card(UNLESS_SET_UP)
    setup = shopper.server.setup_intents.create(
        {
            "customer": customer.id,
            "payment_method": card.id,
            "usage": "off_session" if usage == "off_session" else "on_session",
            "confirm": True,
        }
    )
    assert setup.status == "requires_action"
    steering.answer_challenge(setup.id, "succeed")
    return customer.id, card.id


def _pay(shopper: Shopper, customer: str, card: str, *, off_session: bool) -> stripe.PaymentIntent:
    return shopper.server.payment_intents.create(
        {
            "amount": 1099,
            "currency": "eur",
            "customer": customer,
            "payment_method": card,
            "off_session": off_session,
            "confirm": True,
        }
    )


@pytest.mark.parametrize("off_session", [True, False])
def test_a_card_set_up_for_later_is_challenged_once(
    shopper: Shopper, steering: Steering, off_session: bool
) -> None:
    customer, card = _set_up(shopper, steering, "off_session")

    for _ in range(2):
        assert _pay(shopper, customer, card, off_session=off_session).status == "succeeded"


def test_consent_to_pay_in_person_is_none_to_pay_in_absence(
    shopper: Shopper, steering: Steering
) -> None:
    customer, card = _set_up(shopper, steering, "on_session")

    with pytest.raises(stripe.CardError) as refusal:
        _pay(shopper, customer, card, off_session=True)

    assert refusal.value.code == "authentication_required"


def test_a_charge_in_absence_without_consent_is_refused_before_it_is_made(
    shopper: Shopper,
) -> None:
    customer = shopper.customer()
    card = shopper.saved_card(customer, UNLESS_SET_UP)

    with pytest.raises(stripe.CardError) as refusal:
        _pay(shopper, customer.id, card.id, off_session=True)

    error = refusal.value.error
    assert (refusal.value.http_status, refusal.value.code) == (402, "authentication_required")
    assert error is not None
    assert error.payment_intent is not None
    assert error.charge is None
    intent = shopper.server.payment_intents.retrieve(error.payment_intent.id)
    assert (intent.status, intent.latest_charge) == ("requires_payment_method", None)
    assert intent.last_payment_error is not None
    assert intent.last_payment_error.code == "authentication_required"
    assert shopper.server.charges.list().data == []
    types = [str(event.type) for event in shopper.server.events.list().data]
    assert types[0] == "payment_intent.payment_failed"
    assert "charge.failed" not in types


@pytest.mark.parametrize("usage", ["on_session", None])
def test_no_card_is_charged_in_absence_without_consent(shopper: Shopper, usage: str | None) -> None:
    """Not even one that no issuer would challenge."""
    customer, card = shopper.customer(), shopper.card()
    if usage:
        shopper.server.setup_intents.create(
            {
                "customer": customer.id,
                "payment_method": card.id,
                "usage": "on_session",
                "confirm": True,
            }
        )
    else:
        shopper.server.payment_methods.attach(card.id, {"customer": customer.id})

    with pytest.raises(stripe.CardError) as refusal:
        _pay(shopper, customer.id, card.id, off_session=True)

    assert refusal.value.code == "authentication_required"
    assert shopper.server.charges.list().data == []
    assert _pay(shopper, customer.id, card.id, off_session=False).status == "succeeded"


def test_a_card_set_up_in_person_is_not_challenged_again_in_person(
    shopper: Shopper, steering: Steering
) -> None:
    customer, card = _set_up(shopper, steering, "on_session")

    assert _pay(shopper, customer, card, off_session=False).status == "succeeded"


def test_the_wider_consent_stays(shopper: Shopper, steering: Steering) -> None:
    customer, card = _set_up(shopper, steering, "off_session")
    shopper.server.setup_intents.create(
        {"customer": customer, "payment_method": card, "usage": "on_session", "confirm": True}
    )

    assert _pay(shopper, customer, card, off_session=True).status == "succeeded"


def test_a_setup_intent_comes_with_its_card(shopper: Shopper) -> None:
    card = shopper.card()
    setup = shopper.server.setup_intents.create(
        {"customer": shopper.customer().id, "payment_method": card.id, "confirm": True}
    )

    found = shopper.server.setup_intents.retrieve(setup.id, {"expand": ["payment_method"]})

    assert isinstance(found.payment_method, stripe.PaymentMethod)
    assert found.payment_method.id == card.id
