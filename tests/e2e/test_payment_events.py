"""Stripe's news reaches the row in any way that still works, and subscribers hear of it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from local.aws import session
from tests.e2e.conftest import NewPayment, Person, World, eventually
from tests.support.releases import ALIAS, bad_release
from tests.support.simulator_client import Simulator
from trials.soak.payment_events import Subscription, subscribed

SECRET_KEY = "sk_test_simulator"
ALWAYS_3DS = "4000002760003184"
DISPUTED = "4000000000000259"
PATIENCE_SECONDS = 60


@pytest.fixture
def paid(ada: Person, stripe: Simulator, new_payment: NewPayment) -> tuple[str, str]:
    """A paid payment of Ada whose webhooks have all arrived."""
    payment_id, intent_id = new_payment()
    assert ada.api.confirm(payment_id, cvc_token=stripe.cvc_token()).status == 200
    eventually(lambda: stripe.webhooks()["in_progress"] == 0)
    return payment_id, intent_id


@pytest.fixture
def subscription(world: World) -> Iterator[Subscription]:
    """A fulfilment service that only listens."""
    with subscribed(world.stack) as subscription:
        yield subscription


def last_change(world: World, payment_id: str) -> tuple[str, str]:
    """The last line of the row's history: what happened, and who noticed."""
    line = world.row(payment_id)["history"][-1]
    return line["to_status"], line["by"]


def refund(stripe: Simulator, intent_id: str, **params: str) -> None:
    """Refund in the dashboard."""
    stripe.post(SECRET_KEY, "/v1/refunds", payment_intent=intent_id, **params)


def refund_event(stripe: Simulator, intent_id: str) -> dict[str, Any]:
    """The event of the payment's refund."""
    events = stripe.listed(SECRET_KEY, "/v1/events", type="charge.refunded")
    return next(e for e in events if e["data"]["object"]["payment_intent"] == intent_id)


def the_second_is_over(event: dict[str, Any]) -> bool:
    """Whether lists up to now include the event."""
    return time.time() >= int(event["created"]) + 1


def types_of(subscription: Subscription, payment_id: str, *, last: str) -> list[str]:
    """The types of the payment's events in order of arrival, once the last one is there."""

    def types() -> list[str]:
        ours = [e for e in subscription.events if e["payment"]["payment_id"] == payment_id]
        return list({event["event_id"]: event["type"] for event in ours}.values())

    assert subscription.wait_until(lambda _: last in types(), patience=PATIENCE_SECONDS), types()
    return types()


def test_a_subscriber_hears_of_a_purchase_and_its_refund_without_asking(
    world: World,
    ada: Person,
    stripe: Simulator,
    new_payment: NewPayment,
    subscription: Subscription,
) -> None:
    payment_id, intent_id = new_payment()
    ada.api.confirm(payment_id, cvc_token=stripe.cvc_token())
    bought = types_of(subscription, payment_id, last="payment.succeeded")

    refund(stripe, intent_id)
    given_back = types_of(subscription, payment_id, last="payment.refunded")

    assert bought == ["payment.created", "payment.succeeded"]
    assert given_back == [*bought, "payment.refunded"]
    told = next(
        event
        for event in subscription.events
        if event["type"] == "payment.refunded" and event["payment"]["payment_id"] == payment_id
    )
    row = world.row(payment_id)
    assert told["payment"]["amount_refunded"] == row["amount_refunded"] == row["amount"]
    assert (told["from_status"], told["to_status"]) == ("succeeded", "refunded")


def test_a_subscriber_hears_of_a_dispute(
    ada: Person, stripe: Simulator, new_payment: NewPayment, subscription: Subscription
) -> None:
    payment_id, _ = new_payment(DISPUTED)

    ada.api.confirm(payment_id, cvc_token=stripe.cvc_token())

    types = types_of(subscription, payment_id, last="payment.disputed")
    assert types == ["payment.created", "payment.succeeded", "payment.disputed"]


def test_a_refund_in_the_dashboard_shows_in_the_payment_by_its_webhook(
    world: World, ada: Person, stripe: Simulator, paid: tuple[str, str]
) -> None:
    payment_id, intent_id = paid

    refund(stripe, intent_id, amount="100")

    eventually(lambda: world.row(payment_id)["amount_refunded"] == 100)
    payment = ada.api.payment(payment_id).body
    assert payment["amount_refunded"] == 100
    assert [(line["to_status"], line["by"]) for line in payment["history"]] == [
        ("requires_confirmation", "create"),
        ("succeeded", "confirm"),
        ("partially_refunded", "webhook"),
    ]


def test_a_refund_whose_webhooks_were_lost_is_found_by_the_reconciler(
    world: World, ada: Person, stripe: Simulator, paid: tuple[str, str]
) -> None:
    payment_id, intent_id = paid
    with stripe.lost_webhooks():
        refund(stripe, intent_id)
    eventually(lambda: the_second_is_over(refund_event(stripe, intent_id)))

    counts = world.invoke(world.stack.reconcile_function, {"older_than_minutes": 0})

    assert counts["events_recorded"] >= 1
    assert last_change(world, payment_id) == ("refunded", "reconcile")
    payment = ada.api.payment(payment_id).body
    assert payment["amount_refunded"] == payment["amount"]


def test_a_browser_closed_after_the_challenge_is_found_by_the_reconciler(
    world: World, ada: Person, stripe: Simulator, new_payment: NewPayment
) -> None:
    payment_id, intent_id = new_payment(ALWAYS_3DS)
    ada.api.confirm(payment_id, cvc_token=stripe.cvc_token())
    stripe.answer_challenge(intent_id, "succeed")  # Stripe sends no event about this

    world.invoke(world.stack.reconcile_function, {"older_than_minutes": 0})

    assert last_change(world, payment_id) == ("requires_confirmation", "reconcile")
    # And the person, when they come back, need no second challenge.
    paid = ada.api.confirm(payment_id)
    assert (paid.status, paid.body["status"]) == (200, "succeeded")


def test_a_challenge_that_failed_behind_a_closed_browser_is_found_by_the_reconciler(
    world: World, ada: Person, stripe: Simulator, new_payment: NewPayment
) -> None:
    payment_id, intent_id = new_payment(ALWAYS_3DS)
    ada.api.confirm(payment_id, cvc_token=stripe.cvc_token())
    eventually(lambda: stripe.webhooks()["in_progress"] == 0)
    with stripe.lost_webhooks():
        stripe.answer_challenge(intent_id, "fail")

    world.invoke(world.stack.reconcile_function, {"older_than_minutes": 0})

    assert last_change(world, payment_id) == ("requires_payment_method", "reconcile")
    error = world.row(payment_id)["last_payment_error"]
    assert error["code"] == "payment_intent_authentication_failure"


def test_one_event_is_replayed(world: World, stripe: Simulator, paid: tuple[str, str]) -> None:
    payment_id, intent_id = paid
    with stripe.lost_webhooks():
        refund(stripe, intent_id)
    event_id = refund_event(stripe, intent_id)["id"]

    first = world.invoke(world.stack.replay_function, {"event_id": event_id})
    again = world.invoke(world.stack.replay_function, {"event_id": event_id})

    assert (first, again) == ({"outcome": "recorded"}, {"outcome": "known"})
    assert last_change(world, payment_id) == ("refunded", "replay")


def test_a_window_of_events_is_replayed(
    world: World, stripe: Simulator, paid: tuple[str, str]
) -> None:
    payment_id, intent_id = paid
    with stripe.lost_webhooks():
        refund(stripe, intent_id)
    created = refund_event(stripe, intent_id)["created"]
    window = {"since": created, "until": created + 1}

    first = world.invoke(world.stack.replay_function, window)
    again = world.invoke(world.stack.replay_function, window)

    assert (first["counts"]["events_recorded"], first["window"]) == (1, None)
    assert again["counts"].get("events_recorded", 0) == 0
    assert last_change(world, payment_id) == ("refunded", "replay")


def test_one_payment_is_replayed(world: World, stripe: Simulator, paid: tuple[str, str]) -> None:
    payment_id, intent_id = paid
    with stripe.lost_webhooks():
        refund(stripe, intent_id, amount="1")

    answer = world.invoke(world.stack.replay_function, {"payment_id": payment_id})

    assert answer == {"outcome": "changed"}
    assert last_change(world, payment_id) == ("partially_refunded", "replay")


def test_a_record_that_cannot_be_read_is_passed_and_published_from_the_row_later(
    world: World,
    stripe: Simulator,
    subscription: Subscription,
    paid: tuple[str, str],
) -> None:
    # Given a write that leaves the row without its amount, as no version of ours does
    payment_id, intent_id = paid
    types_of(subscription, payment_id, last="payment.succeeded")
    table = (
        session(world.stack.aws_endpoint_url).resource("dynamodb").Table(world.stack.payments_table)
    )
    whole = world.row(payment_id)
    line = {
        "at": whole["updated_at"],
        "from_status": "succeeded",
        "to_status": "disputed",
        "by": "get",
    }
    table.update_item(
        Key={"payment_id": payment_id},
        UpdateExpression="SET history = list_append(history, :line) REMOVE amount",
        ExpressionAttributeValues={":line": [line]},
    )
    table.update_item(
        Key={"payment_id": payment_id},
        UpdateExpression="SET amount = :amount",
        ExpressionAttributeValues={":amount": whole["amount"]},
    )
    # When
    refund(stripe, intent_id)
    # Then what comes after it is published, and it itself when the queue is worked off
    heard = types_of(subscription, payment_id, last="payment.refunded")
    assert heard == ["payment.created", "payment.succeeded", "payment.refunded"]
    answer = world.invoke(world.stack.replay_function, {"queued": True})
    assert answer == {"counts": {"events_published": 1}, "window": None}
    types_of(subscription, payment_id, last="payment.disputed")
    (told,) = [e for e in subscription.events if e["type"] == "payment.disputed"]
    assert told["line"] == 3


class Queue:
    """The queue of unpublished payment events."""

    def __init__(self, world: World) -> None:
        aws = session(world.stack.aws_endpoint_url)
        self._sqs = aws.client("sqs")
        resource = aws.client("cloudformation").describe_stack_resource(
            StackName=world.stack.stack_name, LogicalResourceId="UnpublishedQueue"
        )
        self._url = resource["StackResourceDetail"]["PhysicalResourceId"]

    def length(self) -> int:
        """How many messages there are, also those that somebody is working on."""
        found = self._sqs.get_queue_attributes(
            QueueUrl=self._url,
            AttributeNames=[
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesNotVisible",
            ],
        )
        return sum(map(int, found["Attributes"].values()))


@contextmanager
def a_publisher_that_dies(world: World) -> Iterator[None]:
    """Every call of the publisher fails, and Lambda gives up after a second, not after hours."""
    lambda_ = session(world.stack.aws_endpoint_url).client("lambda")
    functions = lambda_.get_paginator("list_functions").paginate().search("Functions[]")
    name = next(f["FunctionName"] for f in functions if "PublishPaymentEvents" in f["FunctionName"])
    alias = f"{name}:{ALIAS}"
    (mapping,) = lambda_.list_event_source_mappings(FunctionName=alias)["EventSourceMappings"]
    lambda_.update_event_source_mapping(UUID=mapping["UUID"], MaximumRecordAgeInSeconds=1)
    try:
        with bad_release(lambda_, name):
            yield
    finally:
        lambda_.update_event_source_mapping(
            UUID=mapping["UUID"], MaximumRecordAgeInSeconds=mapping["MaximumRecordAgeInSeconds"]
        )


def test_what_lambda_gave_up_on_is_published_from_the_rows_later(
    world: World,
    ada: Person,
    stripe: Simulator,
    new_payment: NewPayment,
    subscription: Subscription,
) -> None:
    queue = Queue(world)
    # Given
    with a_publisher_that_dies(world):
        payment_id, _ = new_payment()
        eventually(lambda: queue.length() > 0)
    # When
    answer = world.invoke(world.stack.replay_function, {"queued": True})
    # Then
    assert answer["counts"]["events_published"] >= 1
    assert types_of(subscription, payment_id, last="payment.created") == ["payment.created"]
    assert queue.length() == 0
    # And the publisher goes on
    ada.api.confirm(payment_id, cvc_token=stripe.cvc_token())
    types_of(subscription, payment_id, last="payment.succeeded")
