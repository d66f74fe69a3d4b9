"""What the published events say about money."""

from dataclasses import replace
from typing import Any

from payments.domain.payment import StatusChange
from payments.domain.payment_event import PaymentEvent, events_of
from payments.domain.sales import Sales, sales_in
from tests.unit.builders import a_payment

CREATED_AT = "2026-11-25T12:00:00.000Z"


def event(to_status: str, *, at: str = "2026-11-25T12:00:07.250Z", **row: Any) -> PaymentEvent:
    """The event of one line."""
    line = StatusChange(at=at, from_status="pending", to_status=to_status, by="confirm")
    fields: dict[str, Any] = {"created_at": CREATED_AT, "amount_received": 1099, **row}
    [one] = events_of(replace(a_payment(), history=(line,), **fields), [1])
    return one


def test_what_was_begun_paid_and_refused_is_counted_by_currency() -> None:
    events = [
        event("requires_confirmation"),
        event("requires_payment_method"),
        event("succeeded"),
        event("succeeded", currency="jpy", amount_received=500, at="2026-11-25T12:01:00.000Z"),
        event("canceled"),
    ]
    assert sales_in(events) == Sales(
        created=1,
        succeeded=2,
        failed=1,
        amounts={"eur": [1099], "jpy": [500]},
        seconds=[7.25, 60.0],
    )


def test_of_nothing_there_are_zeros() -> None:
    assert sales_in([]) == Sales(0, 0, 0, {}, [])


def test_a_time_that_cannot_be_read_is_left_out() -> None:
    damaged = [event("succeeded", created_at="yesterday"), event("succeeded", at="")]
    assert sales_in(damaged) == Sales(succeeded=2, amounts={"eur": [1099, 1099]}, seconds=[])
