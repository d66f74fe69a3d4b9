"""From the table's stream to the bus, past what cannot be published, and back from the queue."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from boto3.dynamodb.types import TypeDeserializer

from payments import wiring
from payments.domain.payment_intent import Refund
from tests.integration.test_sample_events import event_of
from tests.support.aws import EVENT_BUS, Aws
from tests.support.gateway import run
from tests.unit.builders import an_intent

PAYMENT_ID = "pay_9b0f0e2a6d5c4b3a2f1e0d9c8b7a6f5e"


class Subscriber:
    """A queue that gets everything from the bus."""

    def __init__(self) -> None:
        self._sqs = boto3.client("sqs")
        self._events = boto3.client("events")
        self._url = self._sqs.create_queue(QueueName="subscriber")["QueueUrl"]
        found = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])
        pattern = json.dumps({"source": ["till.payments"]})
        self._events.put_rule(Name="all", EventBusName=EVENT_BUS, EventPattern=pattern)
        self._events.put_targets(
            Rule="all",
            EventBusName=EVENT_BUS,
            Targets=[{"Id": "queue", "Arn": found["Attributes"]["QueueArn"]}],
        )

    def heard(self) -> list[str]:
        """The ids of the events since the last time, in order."""
        ids = []
        while answer := self._sqs.receive_message(
            QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=0
        ).get("Messages"):
            ids += [json.loads(message["Body"])["detail"]["event_id"] for message in answer]
            for message in answer:
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return ids

    def leave(self) -> None:
        """Hear no more."""
        self._events.remove_targets(Rule="all", EventBusName=EVENT_BUS, Ids=["queue"])
        self._events.delete_rule(Name="all", EventBusName=EVENT_BUS)
        self._sqs.delete_queue(QueueUrl=self._url)


@pytest.fixture
def subscriber(aws: Aws) -> Iterator[Subscriber]:
    """A service that ships."""
    assert aws
    subscriber = Subscriber()
    yield subscriber
    subscriber.leave()


def two_writes() -> list[dict[str, Any]]:
    """The stream's records of two writes to one payment: it was created, and then paid."""
    [created] = event_of("publish_payment_events")["Records"]
    paid = copy.deepcopy(created)
    paid["dynamodb"]["OldImage"] = created["dynamodb"]["NewImage"]
    image = paid["dynamodb"]["NewImage"]
    image["status"] = {"S": "succeeded"}
    line = {
        "at": {"S": "2026-11-25T12:00:07.250Z"},
        "from_status": {"S": "requires_confirmation"},
        "to_status": {"S": "succeeded"},
        "by": {"S": "confirm"},
    }
    image["history"]["L"].append({"M": line})
    return [created, paid]


def row_of(record: dict[str, Any]) -> dict[str, Any]:
    """The row after a write."""
    plain = TypeDeserializer().deserialize
    return {name: plain(value) for name, value in record["dynamodb"]["NewImage"].items()}


def test_a_record_that_cannot_be_read_is_queued_and_published_from_the_row_later(
    aws: Aws, subscriber: Subscriber, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given
    created, paid = two_writes()
    aws.put_payment(row_of(paid))
    poison = copy.deepcopy(created)
    del poison["dynamodb"]["NewImage"]["amount"]
    # When
    run("publish_payment_events", {"Records": [poison, paid]})
    # Then what comes after it is published, and it is counted
    assert subscriber.heard() == [f"{PAYMENT_ID}-2"]
    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["Publish_queued"] for line in metrics if "Publish_queued" in line] == [[1.0]]
    # When
    answer = run("replay_events", {"queued": True})
    # Then
    assert answer == {"counts": {"events_published": 1}, "window": None}
    assert subscriber.heard() == [f"{PAYMENT_ID}-1"]
    assert aws.queued() == []


def test_the_queue_names_payment_and_line(aws: Aws, subscriber: Subscriber) -> None:
    created, paid = two_writes()
    for record in (created, paid):
        record["dynamodb"]["NewImage"]["amount"] = {"S": "ten"}
    run("publish_payment_events", {"Records": [created, paid]})
    assert subscriber.heard() == []
    assert [(each["payment_id"], each["line"]) for each in aws.queued()] == [
        (PAYMENT_ID, 1),
        (PAYMENT_ID, 2),
    ]


def test_a_time_that_lambda_gave_up_on_is_published_from_the_rows(
    aws: Aws, subscriber: Subscriber
) -> None:
    # Given a payment with a line in that time and one after it, and one that cannot be read
    _, paid = two_writes()
    row = row_of(paid)
    row["history"][1]["at"] = "2026-11-25T15:00:00.000Z"
    aws.put_payment(row | {"updated_at": "2026-11-25T15:00:00.000Z"})
    aws.put_payment({"payment_id": "pay_spoilt", "updated_at": "2026-11-25T15:00:00.000Z"})
    arrival = {
        "approximateArrivalOfFirstRecord": "2026-11-25T12:00:00Z",
        "approximateArrivalOfLastRecord": "2026-11-25T12:00:01Z",
    }
    aws.queue({"version": "1.0", "DDBStreamBatchInfo": arrival})
    # When
    answer = run("replay_events", {"queued": True})
    # Then
    assert answer["counts"] == {"events_published": 1, "events_queued": 1}
    assert subscriber.heard() == [f"{PAYMENT_ID}-1"]
    assert [each["payment_id"] for each in aws.queued()] == ["pay_spoilt"]


def test_a_write_by_this_version_keeps_what_a_newer_one_has_added(aws: Aws) -> None:
    # Given a newer version's row, after a rollback
    _, paid = two_writes()
    row = row_of(paid)
    row["labels"] = {"a", "b"}
    row["history"][0]["actor"] = {"program": "shop"}
    row["refunds"] = [{"refund_id": "re_1", "amount": 1, "status": "pending", "note": "broken cup"}]
    row["disputes"] = [{"dispute_id": "du_1", "status": "won", "due_by": 1}]
    aws.put_payment(row)
    # When
    refunds = (Refund("re_1", 1, "succeeded"), Refund("re_2", 2, "failed", "unknown"))
    intent = an_intent(
        status="succeeded",
        payment_intent_id=row["payment_intent_id"],
        stripe_customer_id=row["stripe_customer_id"],
        refunds=refunds,
        disputes=None,
    )
    payments = wiring.payments()
    recorded = payments.record(payments.get(PAYMENT_ID), intent, by="webhook", actor="webhook")
    # Then
    assert payments.get(PAYMENT_ID) == recorded
    written = aws.payment()
    assert written["labels"] == {"a", "b"}
    assert written["history"][0] == row["history"][0]
    assert [line["to_status"] for line in written["history"][2:]] == [
        "partially_refunded",
        "refund_failed",
    ]
    changed = {"status": "succeeded", "updated_at": recorded.refunds[0].updated_at}
    assert written["refunds"][0] == row["refunds"][0] | changed
    assert written["refunds"][1]["failure_reason"] == "unknown"
    assert written["disputes"] == row["disputes"]
