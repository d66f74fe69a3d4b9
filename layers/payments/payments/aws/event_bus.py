"""The EventBridge bus for payment events."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import batched
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from payments.domain.errors import ServiceUnavailableError
from payments.domain.payment_event import PaymentEvent

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

SOURCE = "till.payments"

_MAX_ENTRIES = 10  # per PutEvents call
_CONFIG = Config(
    connect_timeout=1, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3}
)


def event_bridge_client() -> "EventBridgeClient":
    """A client with this project's timeouts."""
    return boto3.client("events", config=_CONFIG)


class EventBus:
    """The bus of this stack."""

    def __init__(self, client: "EventBridgeClient", name: str) -> None:
        self._client = client
        self._name = name

    def publish(self, events: Sequence[PaymentEvent]) -> None:
        """Put events on the bus, in order.

        Raises:
            ServiceUnavailableError: not all of them were published; publish them all again.
        """
        for batch in batched(events, _MAX_ENTRIES, strict=False):
            try:
                answer = self._client.put_events(
                    Entries=[
                        {
                            "EventBusName": self._name,
                            "Source": SOURCE,
                            "DetailType": event.type,
                            "Detail": json.dumps(asdict(event)),
                            "Time": datetime.fromisoformat(event.occurred_at),
                            "Resources": [],
                        }
                        for event in batch
                    ]
                )
            except (BotoCoreError, ClientError) as error:
                raise ServiceUnavailableError from error
            if answer["FailedEntryCount"]:
                raise ServiceUnavailableError
