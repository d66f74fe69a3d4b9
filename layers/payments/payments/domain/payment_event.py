"""The events we publish about a payment: one for each line of its history.

PaymentEvent is a contract, described in docs/events.md. Amounts are in minor units.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields

from payments.domain.payment import PENDING, Payment, StatusChange
from payments.domain.payment_intent import LastPaymentError

_NAMES = {"requires_payment_method": "failed", "partially_refunded": "refunded"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSnapshot:
    """A payment as it was after the write that caused the event, without any secrets."""

    payment_id: str
    payment_intent_id: str | None
    user_id: str
    stripe_customer_id: str
    livemode: bool
    product_id: str
    quantity: int
    amount: int
    currency: str
    amount_received: int
    amount_refunded: int
    dispute_status: str | None
    status: str
    payment_method_id: str
    last_payment_error: LastPaymentError | None
    created_at: str
    updated_at: str

    @classmethod
    def of(cls, payment: Payment) -> "PaymentSnapshot":
        """The part of a payment that we publish."""
        return cls(**{field.name: getattr(payment, field.name) for field in fields(cls)})


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentEvent:
    """A change to a payment. `event_id` stays the same if the event is delivered again."""

    event_id: str
    type: str
    occurred_at: str
    from_status: str
    to_status: str
    by: str
    payment: PaymentSnapshot


def events_between(before: Payment | None, after: Payment) -> Iterator[PaymentEvent]:
    """The events caused by one write, in order."""
    known = len(before.history) if before else 0
    for number, change in enumerate(after.history[known:], start=known + 1):
        yield PaymentEvent(
            event_id=f"{after.payment_id}-{number}",
            type=_type_of(change),
            occurred_at=change.at,
            from_status=change.from_status,
            to_status=change.to_status,
            by=change.by,
            payment=PaymentSnapshot.of(after),
        )


def _type_of(change: StatusChange) -> str:
    if (change.from_status, change.to_status) == (PENDING, "requires_confirmation"):
        return "payment.created"
    return f"payment.{_NAMES.get(change.to_status, change.to_status)}"
