"""The event bus: what EventBridge refuses for good, and what it may take later."""

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

import pytest

from payments.aws.client import AwsClient, AwsError, AwsUnavailableError
from payments.aws.event_bus import EventBus
from payments.domain.errors import ServiceUnavailableError
from payments.domain.payment import StatusChange
from payments.domain.payment_event import PaymentEvent, Unpublished, events_of
from tests.unit.builders import a_payment, a_pending_payment, an_intent

NUMBERS = range(1, 13)


def an_event(number: int = 1, **changes: Any) -> PaymentEvent:
    """The event of a new payment."""
    created = a_pending_payment(payment_id=f"pay_{number}").after(an_intent(), by="create")
    [event] = events_of(replace(created, **changes), [1])
    return event


class EventBridge:
    """Takes at most `limit` characters in one call, and answers events by their ids."""

    def __init__(self, codes: Mapping[str, str] | None = None, *, limit: int = 1_000_000) -> None:
        self.published: list[str] = []
        self.calls = 0
        self.fails_with: Exception | None = None
        self._limit = limit
        self._codes = codes or {}

    def call(self, operation: str, request: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
        assert operation == "PutEvents"
        entries = request["Entries"]
        self.calls += 1
        if self.fails_with:
            raise self.fails_with
        if sum(len(entry["Detail"]) for entry in entries) > self._limit:
            raise refusal("ValidationException")
        assert len(entries) <= 10
        results = []
        for entry in entries:
            detail = json.loads(entry["Detail"])
            line = f"{detail['payment']['payment_id']}-{detail['line']}"
            if code := self._codes.get(line):
                results.append({"ErrorCode": code, "ErrorMessage": "It is not accepted."})
            else:
                self.published.append(line)
                results.append({"EventId": "1"})
        return {
            "FailedEntryCount": sum("ErrorCode" in each for each in results),
            "Entries": results,
        }

    def publish(self, *events: PaymentEvent) -> list[Unpublished]:
        """Publish through our bus."""
        return EventBus(cast("AwsClient", self), "till").publish(events)


def refusal(code: str) -> AwsError:
    """How our client tells that the whole call was refused."""
    return AwsError(code, "", {})


def test_events_are_published_ten_at_a_time() -> None:
    bridge = EventBridge()
    assert bridge.publish(*map(an_event, NUMBERS)) == []
    assert bridge.published == [f"pay_{number}-1" for number in NUMBERS]
    assert bridge.calls == 2


@pytest.mark.parametrize("code", ["InvalidArgument", "MalformedDetail", "RedactionFailure"])
def test_an_event_that_is_refused_for_good_does_not_stop_the_others(code: str) -> None:
    bridge = EventBridge({"pay_2-1": code})
    assert bridge.publish(*map(an_event, NUMBERS)) == [Unpublished("pay_2", 1, code)]
    assert bridge.published == [f"pay_{number}-1" for number in NUMBERS if number != 2]


@pytest.mark.parametrize(
    "code", ["InternalFailure", "ThrottlingException", "AccessDeniedException", "NotHeardOf"]
)
def test_an_event_that_may_be_taken_later_is_published_again_with_all_others(code: str) -> None:
    bridge = EventBridge({"pay_1-1": "MalformedDetail", "pay_2-1": code})
    with pytest.raises(ServiceUnavailableError):
        bridge.publish(*map(an_event, NUMBERS))


def test_an_event_that_is_too_large_is_found_among_the_others() -> None:
    message = "x" * 2_000
    large = an_event(2, status=message)
    bridge = EventBridge(limit=2_000)
    refused = bridge.publish(an_event(1), large, an_event(3))
    assert refused == [Unpublished("pay_2", 1, "ValidationException")]
    assert bridge.published == ["pay_1-1", "pay_3-1"]


def test_events_that_are_only_together_too_large_go_one_by_one() -> None:
    bridge = EventBridge(limit=2_000)
    assert bridge.publish(*map(an_event, NUMBERS)) == []
    assert bridge.published == [f"pay_{number}-1" for number in NUMBERS]


@pytest.mark.parametrize(
    "error",
    [
        AwsUnavailableError("it took too long"),
        refusal("ThrottlingException"),
        refusal("InternalException"),
        refusal("ServiceUnavailable"),
        refusal("AccessDeniedException"),
        refusal("ExpiredTokenException"),
        refusal("ResourceNotFoundException"),
    ],
)
def test_without_eventbridge_everything_is_published_again(error: Exception) -> None:
    bridge = EventBridge()
    bridge.fails_with = error
    with pytest.raises(ServiceUnavailableError):
        bridge.publish(an_event())
    assert bridge.calls == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"amount": "1099"}, "TypeError: amount"),
        ({"amount": Decimal("10.99")}, "TypeError: amount"),
        ({"status": None, "livemode": 1}, "TypeError: livemode, status"),
        ({"last_payment_error": "declined"}, "TypeError: last_payment_error"),
        ({"history": (StatusChange("", "", "", ""),)}, "ValueError: Invalid isoformat string: ''"),
    ],
)
def test_an_event_that_would_not_keep_the_contract_is_not_sent(
    changes: dict[str, Any], reason: str
) -> None:
    bridge = EventBridge()
    assert bridge.publish(an_event(1, **changes), an_event(2)) == [Unpublished("pay_1", 1, reason)]
    assert bridge.published == ["pay_2-1"]


def test_all_of_a_payments_members_may_be_published() -> None:
    assert an_event().payment.wrong_members() == []
    [event] = events_of(
        replace(a_payment(), history=(StatusChange("2026-01-01", "pending", "failed", "get"),)), [1]
    )
    assert event.payment.wrong_members() == []


@pytest.mark.parametrize(
    ("to_status", "link"),
    [
        ("authentication_required", "https://shop.example.com/payments/pay_1/pay"),
        ("requires_payment_method", None),
    ],
)
def test_only_what_the_person_has_to_finish_has_a_link_to_it(
    to_status: str, link: str | None
) -> None:
    bridge = EventBridge()
    details: list[dict[str, Any]] = []

    def call(operation: str, request: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
        details.extend(json.loads(entry["Detail"]) for entry in request["Entries"])
        return EventBridge.call(bridge, operation, request)

    bridge.call = call  # type: ignore[method-assign]
    bus = EventBus(cast("AwsClient", bridge), "bus", shop_url="https://shop.example.com")

    bus.publish([replace(an_event(), to_status=to_status)])

    assert [detail["link"] for detail in details] == [link]
