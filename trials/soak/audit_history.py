"""The audit of histories: each is a chain from `pending` to the row's current status."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from trials.soak.difference import Difference
from trials.soak.evidence import Row

type Line = Mapping[str, Any]

_STEPS = {"create", "confirm", "get", "webhook", "reconcile", "replay"}
_REFUNDS = {"partially_refunded", "refunded", "refund_failed"}
_DISPUTES = {"disputed", "dispute_won", "dispute_lost", "dispute_closed"}
_DISPUTE_OF = {"won": "dispute_won", "lost": "dispute_lost"}


def differences_in_history(payments: Iterable[Row]) -> Iterator[Difference]:
    """What is wrong with the rows' histories."""
    for row in payments:
        lines: list[Line] = list(row.get("history", ()))
        for detail in (*_breaks(lines), *_disagreements(row, lines)):
            yield Difference("history", row["payment_id"], detail)


def _breaks(lines: list[Line]) -> Iterator[str]:
    if lines and lines[0]["from_status"] != "pending":
        yield f"starts with {lines[0]['from_status']}"
    for before, after in pairwise(lines):
        if after["from_status"] != before["to_status"]:
            yield f"continues from {after['from_status']} after {before['to_status']}"
        if after["at"] < before["at"]:
            yield f"goes back in time, to {after['at']}"
        if after["to_status"] == before["to_status"] != "partially_refunded":
            yield f"tells {after['to_status']} twice"
    for line in lines:
        if line["by"] not in _STEPS:
            yield f"was written by {line['by']}"


def _disagreements(row: Row, lines: list[Line]) -> Iterator[str]:
    told = [line["to_status"] for line in lines]
    status = _last(told, without=_REFUNDS | _DISPUTES) or "pending"
    if status != row["status"]:
        yield f"ends at {status}, but the row says {row['status']}"
    refund = _last(told, only=_REFUNDS)
    if refund != _refund_of(row) and not (refund == "refund_failed" and not row["amount_refunded"]):
        yield f"says {refund}, but {row['amount_refunded']} of {row['amount']} were refunded"
    dispute = _last(told, only=_DISPUTES)
    dispute_status = row.get("dispute_status")
    if dispute != (_DISPUTE_OF.get(dispute_status, "disputed") if dispute_status else None):
        yield f"says {dispute}, but the dispute is {dispute_status}"


def _refund_of(row: Row) -> str | None:
    if not row["amount_refunded"]:
        return None
    return "refunded" if row["amount_refunded"] == row["amount"] else "partially_refunded"


def _last(
    told: list[str], *, only: set[str] | None = None, without: set[str] | None = None
) -> str | None:
    wanted = [
        each for each in told if (only is None or each in only) and each not in (without or set())
    ]
    return wanted[-1] if wanted else None
