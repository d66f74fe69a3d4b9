from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from tests.simulator.conftest import Shopper, Steering
from tests.simulator.receiver import Received, Receiver, running_receiver


@pytest.fixture
def receiver(simulator: object) -> Iterator[Receiver]:  # noqa: ARG001  (reset comes first)
    with running_receiver() as running:
        yield running


def _subscribe(shopper: Shopper, receiver: Receiver, *events: Any) -> str:
    endpoint = shopper.server.webhook_endpoints.create(
        {"url": receiver.url, "enabled_events": list(events) or ["*"]}
    )
    assert endpoint.secret is not None
    return endpoint.secret


def _types(deliveries: list[Received], secret: str) -> list[str]:
    return [delivery.event(secret).type for delivery in deliveries]


def test_a_delivery_is_really_signed(shopper: Shopper, receiver: Receiver) -> None:
    secret = _subscribe(shopper, receiver, "customer.created")

    customer = shopper.customer()

    (delivery,) = receiver.wait_for(1)
    event = delivery.event(secret)
    assert event.type == "customer.created"
    assert event.data.object["id"] == customer.id
    assert event.api_version == shopper.server.events.retrieve(event.id).api_version
    with pytest.raises(stripe.SignatureVerificationError):
        delivery.event("whsec_another")
    with pytest.raises(stripe.SignatureVerificationError):
        Received(delivery.signature, delivery.payload + b" ").event(secret)


def test_a_payment_tells_its_whole_story(shopper: Shopper, receiver: Receiver) -> None:
    secret = _subscribe(shopper, receiver)

    intent = shopper.confirm(shopper.manual_intent())

    events = [delivery.event(secret) for delivery in receiver.wait_for(5)]
    assert sorted(event.type for event in events) == [
        "charge.succeeded",
        "customer.created",
        "payment_intent.created",
        "payment_intent.succeeded",
        "payment_method.attached",
    ]
    succeeded = next(event for event in events if event.type == "payment_intent.succeeded")
    assert succeeded.data.object["id"] == intent.id
    created = next(event for event in events if event.type == "payment_intent.created")
    assert created.data.object["status"] == "requires_confirmation"


def test_an_endpoint_gets_what_it_subscribed_to(shopper: Shopper, receiver: Receiver) -> None:
    secret = _subscribe(shopper, receiver, "payment_method.attached")

    shopper.saved_card(shopper.customer())

    assert _types(receiver.wait_for(1), secret) == ["payment_method.attached"]


def test_a_refused_delivery_is_tried_again(
    shopper: Shopper, receiver: Receiver, steering: Steering
) -> None:
    steering.post("/webhooks", {"backoff_ms": 10})
    secret = _subscribe(shopper, receiver, "customer.created")
    receiver.answers.extend([500, 404])

    shopper.customer()

    deliveries = receiver.wait_for(3)
    assert len({delivery.event(secret).id for delivery in deliveries}) == 1


def test_tries_come_to_an_end(shopper: Shopper, receiver: Receiver, steering: Steering) -> None:
    steering.post("/webhooks", {"backoff_ms": 1, "max_attempts": 2})
    secret = _subscribe(shopper, receiver, "customer.created")
    receiver.answers.extend([500, 500])

    shopper.customer()
    receiver.wait_for(2)
    shopper.customer()

    ids = [delivery.event(secret).id for delivery in receiver.wait_for(3)]
    assert ids[0] == ids[1] != ids[2]
    steering.wait_for_webhooks()
    undelivered = shopper.server.events.list({"delivery_success": False}).data
    assert [event.id for event in undelivered] == [ids[0]]


def test_held_events_wait_for_their_release(
    shopper: Shopper, receiver: Receiver, steering: Steering
) -> None:
    secret = _subscribe(shopper, receiver)
    steering.post("/webhooks", {"mode": "hold"})
    customer = shopper.customer()
    shopper.saved_card(customer)
    assert receiver.received == []

    outcome = steering.post("/webhooks/release")

    assert outcome == {"delivered": 2, "failed": 0, "dropped": 0}
    assert _types(receiver.received, secret) == ["customer.created", "payment_method.attached"]
    assert steering.post("/webhooks/release")["delivered"] == 0


def test_a_release_can_reverse_the_order(
    shopper: Shopper, receiver: Receiver, steering: Steering
) -> None:
    secret = _subscribe(shopper, receiver)
    steering.post("/webhooks", {"mode": "hold"})
    shopper.saved_card(shopper.customer())

    steering.post("/webhooks/release", {"order": "reversed"})

    assert _types(receiver.received, secret) == ["payment_method.attached", "customer.created"]


def test_a_release_can_shuffle_duplicate_and_drop(
    shopper: Shopper, receiver: Receiver, steering: Steering
) -> None:
    secret = _subscribe(shopper, receiver)
    steering.post("/webhooks", {"mode": "hold"})
    created = [shopper.customer().id for _ in range(20)]

    outcome = steering.post(
        "/webhooks/release", {"order": "shuffled", "copies": 2, "drop": 5, "seed": 7}
    )

    assert outcome == {"delivered": 30, "failed": 0, "dropped": 5}
    ids = [delivery.event(secret).data.object["id"] for delivery in receiver.received]
    assert len(set(ids)) == 15
    assert all(ids.count(customer) == 2 for customer in ids)
    assert ids[::2] != [customer for customer in created if customer in ids]


def test_a_failed_release_is_retried(
    shopper: Shopper, receiver: Receiver, steering: Steering
) -> None:
    _subscribe(shopper, receiver)
    steering.post("/webhooks", {"mode": "hold", "backoff_ms": 10})
    receiver.answers.append(500)
    shopper.customer()

    outcome = steering.post("/webhooks/release")

    assert outcome == {"delivered": 0, "failed": 1, "dropped": 0}
    receiver.wait_for(2)


def test_an_unreachable_endpoint_harms_nobody(shopper: Shopper, steering: Steering) -> None:
    steering.post("/webhooks", {"max_attempts": 1, "mode": "hold"})
    shopper.server.webhook_endpoints.create(
        {"url": "http://127.0.0.1:1/webhooks", "enabled_events": ["*"]}
    )
    shopper.customer()

    assert steering.post("/webhooks/release") == {"delivered": 0, "failed": 1, "dropped": 0}
    described = steering.http.get("/_simulator/webhooks").json()
    assert described["attempts"][0]["status"] is None


def test_a_disabled_endpoint_gets_nothing(
    shopper: Shopper, receiver: Receiver, steering: Steering
) -> None:
    _subscribe(shopper, receiver)
    steering.post("/webhooks", {"mode": "hold"})
    endpoint = shopper.server.webhook_endpoints.list().data[0]
    shopper.server.webhook_endpoints.update(endpoint.id, {"disabled": True})
    shopper.customer()

    assert steering.post("/webhooks/release")["delivered"] == 0


def test_an_endpoint_shows_its_secret_once(shopper: Shopper) -> None:
    created = shopper.server.webhook_endpoints.create(
        {"url": "http://127.0.0.1:1/webhooks", "enabled_events": ["*"], "metadata": {"a": "1"}}
    )
    assert str(created.secret).startswith("whsec_")

    found = shopper.server.webhook_endpoints.retrieve(created.id)

    assert "secret" not in found
    assert found.metadata["a"] == "1"
    assert shopper.server.webhook_endpoints.delete(created.id).deleted is True
    with pytest.raises(stripe.InvalidRequestError):
        shopper.server.webhook_endpoints.retrieve(created.id)


@pytest.mark.parametrize("url", ["ftp://example.com", "webhooks"])
def test_an_endpoint_needs_a_url(shopper: Shopper, url: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shopper.server.webhook_endpoints.create({"url": url, "enabled_events": ["*"]})

    assert refusal.value.code == "url_invalid"


def test_a_reset_also_opens_the_valve(
    shopper: Shopper, receiver: Receiver, steering: Steering
) -> None:
    steering.post("/webhooks", {"mode": "hold"})
    steering.post("/reset")
    _subscribe(shopper, receiver)

    shopper.customer()

    receiver.wait_for(1)


def test_an_account_has_sixteen_endpoints_at_most(shopper: Shopper) -> None:
    endpoints = shopper.server.webhook_endpoints
    params: Any = {"url": "https://shop.example.com/hook", "enabled_events": ["*"]}
    for _ in range(16):
        endpoints.create(params)
    with pytest.raises(stripe.InvalidRequestError, match="maximum of 16"):
        endpoints.create(params)


def test_the_secret_is_told_once(shopper: Shopper) -> None:
    endpoints = shopper.server.webhook_endpoints
    made = endpoints.create({"url": "https://shop.example.com/hook", "enabled_events": ["*"]})
    assert made.secret
    [listed] = endpoints.list().data
    for told in (listed, endpoints.retrieve(made.id), endpoints.update(made.id, {})):
        assert "secret" not in told.to_dict()


def test_an_accounts_country_tells_what_it_may_charge_in(shopper: Shopper) -> None:
    account: Any = shopper.server.accounts.retrieve_current()
    country = shopper.server.country_specs.retrieve(account.country)
    assert {"eur", "jpy", "usd"} <= set(country.supported_payment_currencies)
    with pytest.raises(stripe.InvalidRequestError, match="No such country spec"):
        shopper.server.country_specs.retrieve("XX")
