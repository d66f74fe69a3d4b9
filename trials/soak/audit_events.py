"""The audit of published events: one per line of each history, delivered at least once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from trials.soak.difference import Difference
from trials.soak.evidence import Row
from trials.soak.payment_events import PaymentEvent

# docs/events.md; all other events are named after the status.
_NAMES = {"requires_payment_method": "failed", "partially_refunded": "refunded"}
_BEFORE_IT_BEGAN = {"refused", "expired"}  # it may begin all the same
_SHOWN = {
    "payment_intent_id",
    "user_id",
    "stripe_customer_id",
    "lines",
    "amount",
    "currency",
    "created_at",
}


def expected_ids(payments: Iterable[Row]) -> set[str]:
    """The ids of all events that the rows' histories call for."""
    return {event_id for event_id, _, _ in _promised(payments)}


def differences_in_events(
    payments: Iterable[Row], events: Iterable[PaymentEvent]
) -> Iterator[Difference]:
    """Events that are missing, superfluous, or different from the history."""
    payments = list(payments)
    delivered: defaultdict[str, list[PaymentEvent]] = defaultdict(list)
    for event in events:
        delivered[event["event_id"]].append(event)
    for event_id, line, row in _promised(payments):
        copies = delivered.pop(event_id, [])
        if not copies:
            yield Difference("event_missing", event_id, f"{line['to_status']} by {line['by']}")
        elif any(copy != copies[0] for copy in copies):
            yield Difference("event_copies", event_id, "was delivered in different versions")
        else:
            for name, told, known in _compared(copies[0], line, row):
                if told != known:
                    detail = f"{name} is {told!r}, but the row says {known!r}"
                    yield Difference("event", event_id, detail)
    # A history that was made again has what Stripe still knows: some of what was told is gone.
    rebuilt = {row["payment_id"] for row in payments if _is_rebuilt(row)}
    for event_id, copies in delivered.items():
        if copies[0]["payment"]["payment_id"] not in rebuilt:
            yield Difference("event_unknown", event_id, "is in no history")


def _is_rebuilt(row: Row) -> bool:
    return any(line["by"] == "rebuild" for line in row.get("history", ()))


def _promised(payments: Iterable[Row]) -> Iterator[tuple[str, Mapping[str, Any], Row]]:
    for row in payments:
        for number, line in enumerate(row.get("history", ()), start=1):
            if line["by"] == "rebuild" and not line.get("id"):
                continue  # it may have had another id before the loss
            yield f"{row['payment_id']}-{line.get('id') or number}", line, row


def _compared(
    event: PaymentEvent, line: Mapping[str, Any], row: Row
) -> Iterator[tuple[str, Any, Any]]:
    if line["by"] != "rebuild":  # that knows what has happened, and not who noticed it, nor when
        for name in ("from_status", "to_status", "by", "actor"):
            yield name, event[name], line[name]
        yield "occurred_at", event["occurred_at"], line["at"]
    yield "type", event["type"], _type_of(line)
    yield "detail-type", event["detail_type"], event["type"]
    has_begun = line["to_status"] not in _BEFORE_IT_BEGAN
    for name in _SHOWN if has_begun else _SHOWN - {"payment_intent_id"}:
        yield f"payment.{name}", event["payment"][name], row.get(name)


def _type_of(line: Mapping[str, Any]) -> str:
    if (line["from_status"], line["to_status"]) == ("pending", "requires_confirmation"):
        return "payment.created"
    return f"payment.{_NAMES.get(line['to_status'], line['to_status'])}"
