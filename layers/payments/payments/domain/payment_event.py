"""The events we publish about a payment: one for each line of its history.

PaymentEvent is a contract, described in docs/events.md. Amounts are in minor units.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from types import UnionType
from typing import get_args, get_origin, get_type_hints

from payments.domain.order_line import OrderLine
from payments.domain.payment import PENDING, Payment, StatusChange
from payments.domain.payment_intent import LastPaymentError
from payments.domain.radar import FraudWarning, Review

EVENT_FORM = 1
REBUILD = "rebuild"  # the step that makes lost rows again

_NAMES = {"requires_payment_method": "failed", "partially_refunded": "refunded"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSnapshot:
    """A payment as it was after the write that caused the event, without any secrets."""

    payment_id: str
    payment_intent_id: str | None
    user_id: str
    stripe_customer_id: str
    livemode: bool
    order_id: str | None
    order_reference: str | None
    lines: tuple[OrderLine, ...]
    tax_amount: int
    shipping_amount: int
    discount_amount: int
    amount: int
    currency: str
    capture_method: str
    amount_capturable: int
    capture_before: str | None
    amount_received: int
    amount_refunded: int
    dispute_status: str | None
    review: Review | None
    fraud_warnings: tuple[FraudWarning, ...]
    status: str
    payment_method_id: str
    last_payment_error: LastPaymentError | None
    created_at: str
    updated_at: str

    @classmethod
    def of(cls, payment: Payment) -> "PaymentSnapshot":
        """The part of a payment that we publish."""
        return cls(**{field.name: getattr(payment, field.name) for field in fields(cls)})

    def wrong_members(self) -> list[str]:
        """The names of what is not of its type, because the row holds something else."""
        return [name for name, kinds in _types() if not isinstance(getattr(self, name), kinds)]


@cache
def _types() -> list[tuple[str, tuple[type, ...]]]:
    hints = get_type_hints(PaymentSnapshot).items()
    unions = {
        name: get_args(hint) if isinstance(hint, UnionType) else [hint] for name, hint in hints
    }
    return [
        (name, tuple(get_origin(kind) or kind for kind in kinds)) for name, kinds in unions.items()
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentEvent:
    """A change to a payment. `event_id` stays the same if the event is delivered again.

    `line` is the number of its line in the payment's history, from 1: it tells the order of a
    payment's events. `form` is that of the event: it grows when a member changes its meaning.
    `link` is where the person finishes a payment that their bank wants to see them for, in the app.
    """

    event_id: str
    type: str
    occurred_at: str
    from_status: str
    to_status: str
    by: str
    actor: str
    payment: PaymentSnapshot
    line: int
    form: int = EVENT_FORM
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Unpublished:
    """A line of a payment's history that cannot be published as it is, and why.

    `line` is None where the row cannot be read and does not even show which lines are new.
    """

    payment_id: str
    line: int | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class HistoryWindow:
    """Lines of all histories that were written in a time, without end if `until` is None.

    `cursor` is the id of the last payment that has been read.
    """

    since: str
    until: str | None = None
    cursor: str | None = None

    def includes(self, at: str) -> bool:
        """Whether a line of this time is one of them; one that cannot be read may be."""
        return not at or (self.since <= at and (self.until is None or at <= self.until))


@dataclass(frozen=True, slots=True)
class PaymentChange:
    """A payment's row, and the lines of its history that are to be published.

    `lines` are their numbers, or None for all of them. `payment` is None if the row cannot be read,
    and then `reason` says why.
    """

    payment_id: str
    lines: Sequence[int] | None
    payment: Payment | None
    reason: str = ""

    def within(self, window: HistoryWindow) -> "PaymentChange":
        """The same, with the lines of this window only."""
        if self.payment is None:
            return self
        history = enumerate(self.payment.history, start=1)
        return replace(self, lines=[n for n, change in history if window.includes(change.at)])

    def events(self) -> Iterator[PaymentEvent]:
        """The events of its lines, in order."""
        if self.payment is None:
            return iter(())
        every = range(1, len(self.payment.history) + 1)
        return events_of(self.payment, every if self.lines is None else self.lines)

    def unreadable(self) -> list[Unpublished]:
        """Its lines, if the row cannot be read."""
        if self.payment is not None:
            return []
        lines = [None] if self.lines is None else self.lines
        return [Unpublished(self.payment_id, line, self.reason) for line in lines]


def events_of(payment: Payment, lines: Iterable[int]) -> Iterator[PaymentEvent]:
    """The events of these lines of the history, in order, with the payment as it is in the row.

    A line of a rebuild has no event if it may have been published under an id that nobody knows.
    """
    for line in lines:
        change = payment.history[line - 1]
        if change.by == REBUILD and not change.id:
            continue
        yield PaymentEvent(
            event_id=f"{payment.payment_id}-{change.id or line}",
            line=line,
            type=type_of(change),
            occurred_at=change.at,
            from_status=change.from_status,
            to_status=change.to_status,
            by=change.by,
            actor=change.actor,
            payment=PaymentSnapshot.of(payment),
        )


def type_of(change: StatusChange) -> str:
    """What an event about this line of the history is called."""
    if (change.from_status, change.to_status) == (PENDING, "requires_confirmation"):
        return "payment.created"
    return f"payment.{_NAMES.get(change.to_status, change.to_status)}"
