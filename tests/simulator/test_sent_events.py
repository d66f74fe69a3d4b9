"""Events that nothing here caused, and events that are too old."""

import json
from collections.abc import Iterator

import pytest
import stripe
from stripe._v1_services import V1Services

from tests.simulator.conftest import Json, Shopper, Steering
from tests.simulator.receiver import Receiver, running_receiver


@pytest.fixture
def receiver(server: V1Services) -> Iterator[Receiver]:
    """An endpoint that asked for one type of event only."""
    with running_receiver() as running:
        server.webhook_endpoints.create(
            {"url": running.url, "enabled_events": ["customer.deleted"]}
        )
        yield running


def _received(receiver: Receiver) -> Json:
    (delivery,) = receiver.wait_for(1)
    event: Json = json.loads(delivery.payload)
    return event


def test_a_thin_event_carries_no_object(receiver: Receiver, steering: Steering) -> None:
    about = {"id": "pi_1", "type": "payment_intent", "url": "/v1/payment_intents/pi_1"}

    sent = steering.post(
        "/events", {"kind": "thin", "type": "v1.payment_intent.succeeded", "object": about}
    )

    event = _received(receiver)
    assert event == sent
    assert (event["object"], event["type"]) == ("v2.core.event", "v1.payment_intent.succeeded")
    assert event["related_object"] == about
    assert "data" not in event
    assert event["created"].endswith("Z")


def test_a_connected_account_has_its_own_events(
    receiver: Receiver, server: V1Services, steering: Steering
) -> None:
    order = {
        "kind": "connected",
        "type": "payment_intent.succeeded",
        "account": "acct_connected",
        "object": {"id": "pi_theirs", "object": "payment_intent", "amount": 1099},
    }

    steering.post("/events", order)

    event = _received(receiver)
    assert event["account"] == "acct_connected"
    assert event["data"]["object"] == order["object"]
    assert server.events.list().data == []
    with pytest.raises(stripe.InvalidRequestError) as unknown:
        server.payment_intents.retrieve("pi_theirs")
    assert unknown.value.http_status == 404


def test_an_event_may_be_of_a_type_that_nobody_knows(
    receiver: Receiver, server: V1Services, steering: Steering
) -> None:
    sent = steering.post("/events", {"kind": "snapshot", "type": "payment_intent.teleported"})

    assert _received(receiver)["type"] == "payment_intent.teleported"
    assert server.events.retrieve(sent["id"]).data.object["object"] == "payment_intent"


def test_a_sent_event_is_really_signed(shopper: Shopper, steering: Steering) -> None:
    with running_receiver() as receiver:
        endpoint = shopper.server.webhook_endpoints.create(
            {"url": receiver.url, "enabled_events": ["*"]}
        )
        steering.post("/events", {"kind": "connected", "type": "charge.succeeded"})

        (delivery,) = receiver.wait_for(1)
        assert delivery.event(str(endpoint.secret)).account is not None
        with pytest.raises(stripe.SignatureVerificationError):
            delivery.event("whsec_another")


def test_events_end_after_thirty_days(server: V1Services, steering: Steering) -> None:
    server.customers.create({})
    old = server.events.list().data[0]
    assert steering.post("/events/age", {"days": 29}) == {"aged": 1}
    server.customers.create({})
    newer = server.events.list().data[0]
    assert server.events.retrieve(old.id).created == old.created - 29 * 24 * 3600

    steering.post("/events/age", {"days": 1})

    assert [event.id for event in server.events.list().data] == [newer.id]
    with pytest.raises(stripe.InvalidRequestError) as gone:
        server.events.retrieve(old.id)
    assert (gone.value.http_status, gone.value.code) == (404, "resource_missing")


@pytest.mark.parametrize("cursor", ["aged", "evt_unknown"])
def test_a_cursor_that_is_not_known_is_refused(
    server: V1Services, steering: Steering, cursor: str
) -> None:
    server.customers.create({})
    if cursor == "aged":
        cursor = server.events.list().data[0].id
        steering.post("/events/age", {"days": 31})

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        server.events.list({"starting_after": cursor})

    assert refusal.value.http_status == 400
    assert (refusal.value.code, refusal.value.param) == ("resource_missing", "starting_after")


def test_twenty_types_can_be_asked_for(server: V1Services) -> None:
    types = [f"customer.type_{number}" for number in range(21)]

    assert server.events.list({"types": types[:20]}).data == []
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        server.events.list({"types": types})
    assert refusal.value.param == "types"


@pytest.mark.parametrize(
    "order",
    [
        {"kind": "fat", "type": "a.b"},
        {"kind": "thin"},
        {"kind": "connected", "type": "a.b", "account": "cus_1"},
    ],
)
def test_an_event_that_makes_no_sense_is_not_sent(
    steering: Steering, order: dict[str, str]
) -> None:
    assert steering.http.post("/_simulator/events", json=order).status_code == 422
