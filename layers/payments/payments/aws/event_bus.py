"""The EventBridge bus for payment events."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from itertools import batched
from typing import Any

from payments.aws.client import EVENT_BRIDGE, AwsClient, AwsError, AwsUnavailableError
from payments.domain.errors import ServiceUnavailableError
from payments.domain.payment_event import PaymentEvent, Unpublished
from payments.domain.payment_intent import AUTHENTICATION_REQUIRED

SOURCE = "till.payments"

_MAX_ENTRIES = 10  # per PutEvents call
# EventBridge refuses the event itself, and will refuse it again. Anything else is trouble between
# EventBridge and us, a missing right for example, and the event is fine.
# https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html
_REFUSALS = frozenset({"InvalidArgument", "MalformedDetail", "RedactionFailure"})
# The call is refused because of one of its entries, or for the size of all of them together.
_REFUSALS_OF_CALLS = frozenset(
    {"413", "RequestEntityTooLarge", "RequestEntityTooLargeException", "ValidationException"}
)
type Entry = dict[str, Any]


def event_bridge_client() -> AwsClient:
    """A client with this project's timeouts."""
    return AwsClient(EVENT_BRIDGE, connect_timeout=1, read_timeout=5)


class EventBus:
    """The bus of this stack."""

    def __init__(self, client: AwsClient, name: str, *, shop_url: str = "") -> None:
        self._client = client
        self._name = name
        self._shop_url = shop_url

    def publish(self, events: Sequence[PaymentEvent]) -> list[Unpublished]:
        """Put events on the bus, in order. Returns those that can never be put on it.

        Raises:
            ServiceUnavailableError: not all of the others were published; publish them all again.
        """
        refused = []
        entries = []
        for event in events:
            try:
                entries.append((event, self._entry(event)))
            except (TypeError, ValueError) as error:
                refused.append(_refused(event, f"{type(error).__name__}: {error}"))
        for batch in batched(entries, _MAX_ENTRIES, strict=False):
            refused += self._put(batch)
        return refused

    def _entry(self, event: PaymentEvent) -> Entry:
        if wrong := event.payment.wrong_members():
            raise TypeError(", ".join(wrong))
        if event.to_status == AUTHENTICATION_REQUIRED and self._shop_url:
            page = f"{self._shop_url}/payments/{event.payment.payment_id}/pay"
            event = replace(event, link=page)
        return {
            "EventBusName": self._name,
            "Source": SOURCE,
            "DetailType": event.type,
            "Detail": json.dumps(asdict(event)),
            "Time": datetime.fromisoformat(event.occurred_at).timestamp(),
            "Resources": [],
        }

    def _put(self, batch: Sequence[tuple[PaymentEvent, Entry]]) -> Iterator[Unpublished]:
        try:
            answer = self._client.call("PutEvents", {"Entries": [entry for _, entry in batch]})
        except AwsError as error:
            if error.code not in _REFUSALS_OF_CALLS:
                raise ServiceUnavailableError from error
            if len(batch) == 1:
                yield _refused(batch[0][0], error.code)
            else:
                for each in batch:
                    yield from self._put([each])
            return
        except AwsUnavailableError as error:
            raise ServiceUnavailableError from error
        if not answer["FailedEntryCount"]:
            return
        for (event, _), result in zip(batch, answer["Entries"], strict=True):
            if refusal := result.get("ErrorCode"):
                if refusal not in _REFUSALS:
                    raise ServiceUnavailableError
                yield _refused(event, refusal)


def _refused(event: PaymentEvent, reason: str) -> Unpublished:
    return Unpublished(event.payment.payment_id, event.line, reason)
