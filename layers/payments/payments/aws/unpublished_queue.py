"""The SQS queue of what could not be published as payment events.

Three kinds of messages are on it: a line of a payment's history, from the publisher; a time, from
Lambda, after it has given up calling the publisher; and what is left of such a time, from a replay.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from payments.aws.client import SQS, AwsClient, AwsError, AwsUnavailableError
from payments.domain.clock import timestamp
from payments.domain.errors import ServiceUnavailableError
from payments.domain.payment_event import HistoryWindow, Unpublished

# Long polling: a shorter wait asks only some of the servers, and may miss messages.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
WAIT_SECONDS = 1
_MAX_MESSAGES = 10  # that one call can receive
# The stream rounds to seconds, and a line has the time at which its write began, by another clock.
_MARGIN = timedelta(minutes=10)


def sqs_client() -> AwsClient:
    """A client with this project's timeouts."""
    return AwsClient(SQS, connect_timeout=1, read_timeout=WAIT_SECONDS + 3)


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A message, and what it names: None if it says nothing that we understand."""

    message_id: str
    receipt_handle: str
    names: Unpublished | HistoryWindow | None


class UnpublishedQueue:
    """The queue of this stack."""

    def __init__(self, client: AwsClient, url: str) -> None:
        self._client = client
        self._url = url

    def add(self, unpublished: Iterable[Unpublished]) -> None:
        """Put lines of histories on the queue.

        Raises:
            ServiceUnavailableError: not all of them are on the queue; put them all there again.
        """
        for each in unpublished:
            self._send({"payment_id": each.payment_id, "line": each.line, "reason": each.reason})

    def add_window(self, window: HistoryWindow) -> None:
        """Put what is left of a time on the queue.

        Raises:
            ServiceUnavailableError: it may not be there.
        """
        self._send({"since": window.since, "until": window.until, "cursor": window.cursor})

    def receive(self) -> list[QueuedMessage]:
        """Some messages, none if the queue is empty; nobody else gets them for some minutes.

        Raises:
            ServiceUnavailableError: SQS did not answer.
        """
        answer = self._call(
            "ReceiveMessage", MaxNumberOfMessages=_MAX_MESSAGES, WaitTimeSeconds=WAIT_SECONDS
        )
        return [
            QueuedMessage(message["MessageId"], message["ReceiptHandle"], _named(message["Body"]))
            for message in answer.get("Messages") or ()
        ]

    def delete(self, message: QueuedMessage) -> None:
        """Remove a message for good.

        Raises:
            ServiceUnavailableError: it may come again.
        """
        self._call("DeleteMessage", ReceiptHandle=message.receipt_handle)

    def _send(self, body: dict[str, object]) -> None:
        self._call("SendMessage", MessageBody=json.dumps(body))

    def _call(self, operation: str, **request: object) -> dict[str, Any]:
        try:
            return self._client.call(operation, {"QueueUrl": self._url, **request})
        except (AwsError, AwsUnavailableError) as error:
            raise ServiceUnavailableError from error


def _named(body: str) -> Unpublished | HistoryWindow | None:
    try:
        match json.loads(body):
            case {"payment_id": str(payment_id), "line": int() | None as line}:
                return Unpublished(payment_id, line)
            case {"since": str(since), "until": str(until), "cursor": str() | None as cursor}:
                return HistoryWindow(since, until, cursor)
            # https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
            case {
                "DDBStreamBatchInfo": {
                    "approximateArrivalOfFirstRecord": str(first),
                    "approximateArrivalOfLastRecord": str(last),
                }
            }:
                return HistoryWindow(
                    since=timestamp(datetime.fromisoformat(first) - _MARGIN),
                    until=timestamp(datetime.fromisoformat(last) + _MARGIN),
                )
    except (OverflowError, ValueError):
        pass
    return None
