"""A subscriber to the stack's payment events: a rule on its bus, and a queue behind it."""

import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from local import Stack
from local.aws import session

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

type PaymentEvent = dict[str, Any]

_RULE_SOURCE = "till.payments"
_BATCH = 10


class Subscription:
    """The events so far, in order of arrival."""

    def __init__(self, sqs: "SQSClient", queue_url: str) -> None:
        self._sqs = sqs
        self._queue_url = queue_url
        self.events: list[PaymentEvent] = []

    def wait_until(self, enough: Callable[[list[PaymentEvent]], bool], *, patience: float) -> bool:
        """Receive until there are enough, or until none has come for `patience` seconds."""
        deadline = time.monotonic() + patience
        while not enough(self.events):
            if self._receive():
                deadline = time.monotonic() + patience
            elif time.monotonic() > deadline:
                return False
        return True

    def drain(self) -> None:
        """Receive everything that is there."""
        while self._receive():
            pass

    def _receive(self) -> int:
        messages = self._sqs.receive_message(
            QueueUrl=self._queue_url, MaxNumberOfMessages=_BATCH, WaitTimeSeconds=1
        ).get("Messages", [])
        for message in messages:
            envelope = json.loads(message["Body"])
            self.events.append({**envelope["detail"], "detail_type": envelope["detail-type"]})
            self._sqs.delete_message(
                QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"]
            )
        return len(messages)


@contextmanager
def subscribed(stack: Stack) -> Iterator[Subscription]:
    """Receive every payment event from now on."""
    aws = session(stack.aws_endpoint_url)
    sqs, events = aws.client("sqs"), aws.client("events")
    name = f"subscriber-{secrets.token_hex(6)}"
    queue_url = sqs.create_queue(QueueName=name)["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
    pattern = json.dumps({"source": [_RULE_SOURCE]})
    events.put_rule(Name=name, EventBusName=stack.event_bus, EventPattern=pattern)
    events.put_targets(
        Rule=name,
        EventBusName=stack.event_bus,
        Targets=[{"Id": "queue", "Arn": attributes["Attributes"]["QueueArn"]}],
    )
    try:
        yield Subscription(sqs, queue_url)
    finally:
        with suppress(events.exceptions.ClientError):  # the stack may be gone
            events.remove_targets(Rule=name, EventBusName=stack.event_bus, Ids=["queue"])
            events.delete_rule(Name=name, EventBusName=stack.event_bus)
            sqs.delete_queue(QueueUrl=queue_url)
        for client in (sqs, events):
            client.close()
