"""What the published events say about money: for the metrics, the dashboard and an alarm."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from payments.domain.payment_event import PaymentEvent


@dataclass(frozen=True, slots=True)
class Sales:
    """How many payments people began, paid and were refused.

    amounts: what was paid, by currency, in the minor unit.
    seconds: how long each took from the request that began it until it was paid.
    """

    created: int = 0
    succeeded: int = 0
    failed: int = 0
    amounts: Mapping[str, Sequence[int]] = field(default_factory=dict)
    seconds: Sequence[float] = ()


def sales_in(events: Iterable[PaymentEvent]) -> Sales:
    """Count what these events tell."""
    counts = dict.fromkeys(("payment.created", "payment.succeeded", "payment.failed"), 0)
    amounts: dict[str, list[int]] = defaultdict(list)
    seconds: list[float] = []
    for event in events:
        if event.type in counts:
            counts[event.type] += 1
        if event.type == "payment.succeeded":
            amounts[event.payment.currency].append(event.payment.amount_received)
            with suppress(ValueError):  # a row that was damaged by hand must not stop the others
                paid, began = map(_time, (event.occurred_at, event.payment.created_at))
                seconds.append((paid - began).total_seconds())
    created, succeeded, failed = counts.values()
    return Sales(created, succeeded, failed, amounts, seconds)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
