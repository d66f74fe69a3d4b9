"""The webhook and the reading of events, given what Stripe sends to everybody's endpoint."""

import time
from typing import Any

import boto3
import pytest

from payments.use_cases.read_events import TYPES
from tests.integration.conftest import SECRET_KEY
from tests.support.api_client import ApiClient
from tests.support.aws import Aws
from tests.support.gateway import run
from tests.support.simulator_client import Simulator
from tests.support.webhooks import deliver, events

VISA = "4242424242424242"


@pytest.fixture
def canceled(ada: ApiClient, stripe: Simulator) -> dict[str, Any]:
    """Ada's payment, which the merchant has canceled; her row knows nothing of it yet."""
    card = ada.attached(stripe.payment_method(VISA))
    payment: dict[str, Any] = ada.create(product_id="coffee", payment_method_id=card).body
    stripe.post(SECRET_KEY, f"/v1/payment_intents/{payment['payment_intent_id']}/cancel")
    return payment


def bookmark(aws: Aws) -> dict[str, Any]:
    """Where reading the events stands."""
    return next(row for row in aws.rows("BookmarksTable") if row["name"] == "events")


def reconcile() -> dict[str, int]:
    """A run that leaves the payments alone, so that only the events can tell."""
    counts: dict[str, int] = run("reconcile_payments", {"older_than_minutes": 60})
    return counts


@pytest.mark.parametrize(
    "event_type", ["v2.core.account.updated", "v1.payment_intent.succeeded", "v1.charge.refunded"]
)
def test_a_thin_event_is_taken(stripe: Simulator, event_type: str) -> None:
    answer = deliver(stripe.send_event("thin", event_type))
    assert (answer.status, answer.body) == (200, {"outcome": "unknown_type"})


@pytest.mark.parametrize("event_type", TYPES)
def test_an_event_of_a_connected_account_is_not_ours(
    stripe: Simulator, canceled: dict[str, Any], event_type: str
) -> None:
    about = {
        "id": canceled["payment_intent_id"],
        "object": "payment_intent",
        "payment_intent": canceled["payment_intent_id"],
        "metadata": {"payment_id": canceled["payment_id"], "user_id": "ada"},
    }
    stripe.forget_calls()
    answer = deliver(stripe.send_event("connected", event_type, object=about))
    assert (answer.status, answer.body) == (200, {"outcome": "not_ours"})
    assert [call for call in stripe.calls() if call["method"] == "GET"] == []


def test_an_event_about_an_object_that_our_account_does_not_have_is_not_ours(
    stripe: Simulator,
) -> None:
    about = {"id": "du_1", "object": "dispute", "payment_intent": "pi_of_nobody"}
    answer = deliver(stripe.send_event("snapshot", "charge.dispute.created", object=about))
    assert (answer.status, answer.body) == (200, {"outcome": "not_ours"})


@pytest.mark.parametrize("event_type", TYPES)
def test_an_event_about_an_object_of_an_unknown_shape_is_taken(
    stripe: Simulator, event_type: str
) -> None:
    answer = deliver(stripe.send_event("snapshot", event_type, object={"new": True}))
    assert (answer.status, answer.body) == (200, {"outcome": "not_understood"})


def test_a_key_that_stripe_rejects_has_the_event_come_again(
    aws: Aws, stripe: Simulator, canceled: dict[str, Any]
) -> None:
    # Given
    (event,) = events(stripe, "payment_intent.canceled")
    stripe.fault("GET", "/v1/payment_intents/*", "refusal", status=403)
    # When
    rejected, again = deliver(event), deliver(event)
    # Then
    assert (rejected.status, rejected.code) == (503, "service_unavailable")
    assert (again.status, again.body) == (200, {"outcome": "recorded"})
    assert aws.payment()["status"] == "canceled"
    assert canceled["status"] != "canceled"


def test_an_event_that_cannot_be_read_does_not_hide_the_others_of_its_page(
    aws: Aws, stripe: Simulator, canceled: dict[str, Any]
) -> None:
    # Given odd events around the one that tells of the cancellation
    assert canceled["status"] != "canceled"
    for event_type in ("payment_intent.canceled", "charge.refunded", "customer.updated"):
        stripe.send_event("snapshot", event_type, object={"new": True})
    time.sleep(1.1)  # the period that is read ends before the current second
    # When
    counts = reconcile()
    # Then
    assert aws.payment()["status"] == "canceled"
    assert counts["events_not_understood"] == 3
    assert "failed" not in counts
    assert "cursor" not in bookmark(aws)


def test_a_cursor_that_stripe_does_not_know_restarts_at_the_time_that_was_reached(
    aws: Aws, canceled: dict[str, Any]
) -> None:
    # Given a run that stopped at an event that is gone
    now = int(time.time())
    stopped = {"name": "events", "cursor": "evt_gone"}
    times = {"since": now - 3600, "until": now + 1, "reached": now}
    boto3.resource("dynamodb").Table("BookmarksTable").put_item(Item={**stopped, **times})
    # When
    counts = reconcile()
    # Then
    assert canceled["status"] != "canceled"
    assert aws.payment()["status"] == "canceled"
    assert counts["cursors_unknown"] == 1
    assert "failed" not in counts
    assert "cursor" not in bookmark(aws)
    assert bookmark(aws)["since"] == now + 1 - 600
