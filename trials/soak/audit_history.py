"""The audit of histories: each is a chain from `pending` to the row's current status."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from trials.soak.difference import Difference
from trials.soak.evidence import Row

type Line = Mapping[str, Any]

OUR_ENDS = frozenset({"refused", "mismatched", "lost_at_stripe", "expired"})
STATUSES = OUR_ENDS | {
    "requires_payment_method",
    "requires_confirmation",
    "requires_action",
    "processing",
    "requires_capture",
    "succeeded",
    "canceled",
}
_STEPS = {
    "create",
    "confirm",
    "get",
    "webhook",
    "reconcile",
    "replay",
    "refund",
    "capture",
    "cancel",
    "charge_in_absence",
    "rebuild",
}
_GIVEN_BACK = "given back"
# What lines about refunds say of them; those of succeeded ones also say how much is given back.
_REFUNDS = {
    "refund_pending": "pending",
    "refund_requires_action": "requires_action",
    "partially_refunded": _GIVEN_BACK,
    "refunded": _GIVEN_BACK,
    "refund_failed": "failed",
    "refund_canceled": "canceled",
}
_DISPUTES = {
    "inquiry",
    "inquiry_closed",
    "disputed",
    "dispute_won",
    "dispute_lost",
    "dispute_closed",
}
_DISPUTE_OF = {
    "warning_needs_response": "inquiry",
    "warning_under_review": "inquiry",
    "warning_closed": "inquiry_closed",
    "won": "dispute_won",
    "lost": "dispute_lost",
    "prevented": "dispute_closed",
}
# What they say beside the payment's status, and beside what Stripe knows.
_REMARKS = {
    "refund_refused",
    "hold_expired",
    "order_canceled_but_paid",
    "authentication_required",
}
# One line for each refused attempt, each refund, each dispute.
_OFTEN = {"requires_payment_method"} | _REFUNDS.keys() | _DISPUTES | _REMARKS


def differences_in_history(payments: Iterable[Row]) -> Iterator[Difference]:
    """What is wrong with the rows' histories."""
    for row in payments:
        lines: list[Line] = list(row.get("history", ()))
        for detail in (*_breaks(lines), *_disagreements(row, lines)):
            yield Difference("history", row["payment_id"], detail)


def attempts_in(row: Row) -> int:
    """How many refused attempts in a row the history tells of, at the most."""
    told = [line["to_status"] for line in row.get("history", ())]
    again = sum(before == after == "requires_payment_method" for before, after in pairwise(told))
    return again + 1 if again else 0


def _breaks(lines: list[Line]) -> Iterator[str]:
    if lines and lines[0]["from_status"] != "pending":
        yield f"starts with {lines[0]['from_status']}"
    for before, after in pairwise(lines):
        if after["from_status"] != before["to_status"]:
            yield f"continues from {after['from_status']} after {before['to_status']}"
        if after["at"] < before["at"]:
            yield f"goes back in time, to {after['at']}"
        if after["to_status"] == before["to_status"] and after["to_status"] not in _OFTEN:
            yield f"tells {after['to_status']} twice"
    for line in lines:
        if line["by"] not in _STEPS:
            yield f"was written by {line['by']}"
        if line["to_status"] not in STATUSES | _OFTEN:
            yield f"tells of {line['to_status']}, which nobody knows"


def _disagreements(row: Row, lines: list[Line]) -> Iterator[str]:
    told = [line["to_status"] for line in lines]
    status = next((each for each in reversed(told) if each in STATUSES), "pending")
    if status != row["status"]:
        yield f"ends at {status}, and the row says {row['status']}"
    refunds = [_GIVEN_BACK if s == "succeeded" else s for s in _statuses(row, "refunds")]
    yield from _untold(refunds, [_REFUNDS[each] for each in told if each in _REFUNDS], "refund")
    yield from _wrong_amounts(row, [each for each in told if _REFUNDS.get(each) == _GIVEN_BACK])
    disputes = [_DISPUTE_OF.get(each, "disputed") for each in _statuses(row, "disputes")]
    yield from _untold(disputes, [each for each in told if each in _DISPUTES], "dispute")


def _statuses(row: Row, name: str) -> list[str]:
    return [each["status"] for each in row.get(name) or ()]


def _untold(known: list[str], told: list[str], what: str) -> Iterator[str]:
    """Each refund or dispute has a line for how it stands, and the last line is of one of them."""
    for missing in (Counter(known) - Counter(told)).elements():
        yield f"says nothing of a {what}: {missing}"
    if told and told[-1] not in known:
        yield f"says {told[-1]} of a {what}, and the row says {known}"


def _wrong_amounts(row: Row, told: list[str]) -> Iterator[str]:
    whole = row["amount_refunded"] == (row["amount_received"] or row["amount"])
    failed = {"failed", "canceled"} & set(_statuses(row, "refunds"))
    last = told[-1] if told else None
    wrong = last != "refunded" if whole else last == "refunded" and not failed
    if wrong:
        yield f"says {last}, and {row['amount_refunded']} of {row['amount']} were refunded"
