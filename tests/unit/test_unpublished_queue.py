"""The queue's messages, ours and Lambda's."""

import json
from typing import TYPE_CHECKING, Any, cast

import pytest

from payments.aws.client import AwsError, AwsUnavailableError
from payments.aws.unpublished_queue import QueuedMessage, UnpublishedQueue
from payments.domain.errors import ServiceUnavailableError
from payments.domain.payment_event import HistoryWindow, Unpublished

if TYPE_CHECKING:
    from payments.aws.client import AwsClient

URL = "https://sqs.eu-west-1.amazonaws.com/1/unpublished"

# https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
GIVEN_UP: dict[str, Any] = {
    "requestContext": {
        "requestId": "316aa6d0-8154-4b8a-9af7-85d5f4a6bc81",
        "functionArn": "arn:aws:lambda:eu-west-1:123456789012:function:publisher",
        "condition": "RetryAttemptsExhausted",
        "approximateInvokeCount": 1001,
    },
    "responseContext": {
        "statusCode": 200,
        "executedVersion": "$LATEST",
        "functionError": "Unhandled",
    },
    "version": "1.0",
    "timestamp": "2026-11-14T06:13:49.717Z",
    "DDBStreamBatchInfo": {
        "shardId": "shardId-00000001573689847184-864758bb",
        "startSequenceNumber": "800000000003126276362",
        "endSequenceNumber": "800000000003126276372",
        "approximateArrivalOfFirstRecord": "2026-11-14T00:13:19Z",
        "approximateArrivalOfLastRecord": "2026-11-14T00:15:20Z",
        "batchSize": 11,
        "streamArn": "arn:aws:dynamodb:eu-west-1:123456789012:table/payments/stream/2026-11-14",
    },
}


class Sqs:
    """SQS, with these bodies in the queue."""

    def __init__(self, *bodies: str, fails_with: Exception | None = None) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._bodies = bodies
        self._fails_with = fails_with

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """One operation."""
        if self._fails_with:
            raise self._fails_with
        assert request.pop("QueueUrl") == URL
        self.calls.append((operation, request))
        if operation != "ReceiveMessage" or not self._bodies:
            return {}
        return {
            "Messages": [
                {"MessageId": f"m{number}", "ReceiptHandle": f"r{number}", "Body": body}
                for number, body in enumerate(self._bodies)
            ]
        }

    @property
    def queue(self) -> UnpublishedQueue:
        """Our queue."""
        return UnpublishedQueue(cast("AwsClient", self), URL)


@pytest.mark.parametrize(
    "named",
    [
        Unpublished("pay_1", 3),
        Unpublished("pay_1", None),
        HistoryWindow("2026-11-14T00:03", "2026-11-14T00:25", None),
        HistoryWindow("2026-11-14T00:03", "2026-11-14T00:25", "pay_1"),
    ],
)
def test_what_is_put_on_the_queue_comes_back(named: Unpublished | HistoryWindow) -> None:
    sqs = Sqs()
    if isinstance(named, Unpublished):
        sqs.queue.add([named])
    else:
        sqs.queue.add_window(named)
    [(operation, request)] = sqs.calls
    assert operation == "SendMessage"
    assert Sqs(request["MessageBody"]).queue.receive() == [QueuedMessage("m0", "r0", named)]


def test_a_message_names_payment_and_line_for_whoever_looks_at_the_queue() -> None:
    sqs = Sqs()
    sqs.queue.add([Unpublished("pay_1", 3, "MalformedDetail")])
    body = json.loads(sqs.calls[0][1]["MessageBody"])
    assert body == {"payment_id": "pay_1", "line": 3, "reason": "MalformedDetail"}


def test_lambdas_message_names_a_time_with_a_margin() -> None:
    [message] = Sqs(json.dumps(GIVEN_UP)).queue.receive()
    assert message.names == HistoryWindow("2026-11-14T00:03:19.000Z", "2026-11-14T00:25:20.000Z")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "pay_1",
        "null",
        "[1]",
        "{}",
        '{"payment_id": 1, "line": 1}',
        '{"payment_id": "pay_1", "line": "1"}',
        '{"DDBStreamBatchInfo": null}',
        *(
            json.dumps(
                {
                    "DDBStreamBatchInfo": {
                        "approximateArrivalOfFirstRecord": first,
                        "approximateArrivalOfLastRecord": "9999-12-31T23:59:59Z",
                    }
                }
            )
            for first in ("yesterday", "2026-11-14T00:13:19Z")
        ),
    ],
)
def test_what_is_not_understood_names_nothing(body: str) -> None:
    [message] = Sqs(body).queue.receive()
    assert message.names is None


def test_an_empty_queue_is_waited_for_so_that_no_message_is_missed() -> None:
    sqs = Sqs()
    assert sqs.queue.receive() == []
    [(_, request)] = sqs.calls
    assert request["WaitTimeSeconds"] > 0
    assert request["MaxNumberOfMessages"] == 10


def test_a_message_is_deleted_by_its_receipt() -> None:
    sqs = Sqs()
    sqs.queue.delete(QueuedMessage("m0", "r0", None))
    assert sqs.calls == [("DeleteMessage", {"ReceiptHandle": "r0"})]


@pytest.mark.parametrize(
    "error",
    [
        AwsUnavailableError(),
        AwsError("AccessDenied", "", {}),
        AwsError("QueueDoesNotExist", "", {}),
    ],
)
def test_without_the_queue_nothing_counts_as_queued(error: Exception) -> None:
    with pytest.raises(ServiceUnavailableError):
        Sqs(fails_with=error).queue.add([Unpublished("pay_1", 1)])
