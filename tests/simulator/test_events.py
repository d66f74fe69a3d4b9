import pytest
import stripe

from tests.simulator.conftest import Shopper, Steering


def _types(shopper: Shopper) -> list[str]:
    """The types of all events, oldest first."""
    newest_first = shopper.server.events.list({"limit": 100}).data
    return [str(event.type) for event in reversed(newest_first)]


def test_every_change_of_a_challenged_payment_is_an_event(
    shopper: Shopper, steering: Steering
) -> None:
    intent = shopper.manual_intent("4000002760003184")
    shopper.confirm(intent)
    steering.answer_challenge(intent.id, "succeed")
    shopper.confirm(intent)
    shopper.server.refunds.create({"payment_intent": intent.id, "amount": 100})

    assert _types(shopper) == [
        "customer.created",
        "payment_method.attached",
        "payment_intent.created",
        "payment_intent.requires_action",
        "charge.succeeded",
        "payment_intent.succeeded",
        "refund.created",
        "charge.refunded",
    ]


def test_refusals_are_events(shopper: Shopper, steering: Steering) -> None:
    declined = shopper.manual_intent("4000000000000341")
    with pytest.raises(stripe.CardError):
        shopper.confirm(declined)
    unauthenticated = shopper.manual_intent("4000002760003184")
    shopper.confirm(unauthenticated)
    steering.answer_challenge(unauthenticated.id, "fail")
    shopper.server.payment_intents.cancel(declined.id)

    types = _types(shopper)

    assert types.count("charge.failed") == 1
    assert types.count("payment_intent.payment_failed") == 2
    assert types.count("payment_intent.canceled") == 1


def test_authorization_capture_and_dispute_are_events(shopper: Shopper) -> None:
    authorized = shopper.confirm(shopper.manual_intent(capture_method="manual"))
    assert "payment_intent.amount_capturable_updated" in _types(shopper)
    shopper.server.payment_intents.capture(authorized.id)
    shopper.confirm(shopper.manual_intent("4000000000000259"))

    types = _types(shopper)

    assert "charge.captured" in types
    assert types.index("charge.dispute.created") > types.index("payment_intent.succeeded")


def test_changes_of_customers_and_cards_are_events_with_what_was_before(shopper: Shopper) -> None:
    customer = shopper.customer()
    card = shopper.saved_card(customer)
    shopper.server.customers.update(customer.id, {"name": "Ada"})
    shopper.server.payment_methods.update(card.id, {"card": {"exp_month": 1}})
    shopper.server.payment_methods.detach(card.id)
    shopper.server.customers.delete(customer.id)

    assert _types(shopper) == [
        "customer.created",
        "payment_method.attached",
        "customer.updated",
        "payment_method.updated",
        "payment_method.detached",
        "customer.deleted",
    ]
    detached = shopper.server.events.list({"type": "payment_method.detached"}).data[0]
    assert detached.data.previous_attributes is not None
    assert detached.data.previous_attributes["customer"] == customer.id


def test_setup_intents_have_their_events(shopper: Shopper) -> None:
    shopper.server.setup_intents.create({"payment_method": "pm_card_visa", "confirm": True})
    shopper.server.setup_intents.cancel(shopper.server.setup_intents.create({}).id)

    assert _types(shopper) == [
        "setup_intent.created",
        "setup_intent.succeeded",
        "setup_intent.created",
        "setup_intent.canceled",
    ]


def test_an_event_is_a_snapshot(shopper: Shopper) -> None:
    intent = shopper.confirm(shopper.manual_intent())

    created = shopper.server.events.list({"type": "payment_intent.created"}).data[0]

    assert created.data.object["id"] == intent.id
    assert created.data.object["status"] == "requires_confirmation"


def test_an_event_names_the_request_that_caused_it(shopper: Shopper) -> None:
    customer = shopper.server.customers.create({}, {"idempotency_key": "k1"})

    event = shopper.server.events.list().data[0]

    assert event.request is not None
    assert event.request.idempotency_key == "k1"
    assert customer.last_response is not None
    assert event.request.id == customer.last_response.request_id


def test_events_are_found_by_type_types_and_time(shopper: Shopper) -> None:
    shopper.confirm(shopper.manual_intent())
    events = shopper.server.events

    assert len(events.list({"type": "payment_intent.*"}).data) == 2
    assert len(events.list({"types": ["charge.succeeded", "customer.created"]}).data) == 2
    newest = events.list().data[0]
    assert events.list({"created": {"gte": newest.created + 1}}).data == []
    assert len(events.list({"created": {"lte": newest.created}}).data) == 5
    with pytest.raises(stripe.InvalidRequestError):
        events.list({"type": "charge.*", "types": ["charge.succeeded"]})
