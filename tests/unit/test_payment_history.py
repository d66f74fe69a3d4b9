"""A payment's history, and the events that others get of it."""

from dataclasses import asdict, fields

import pytest

from payments.domain.errors import ServiceUnavailableError
from payments.domain.payment import Payment, StatusChange
from payments.domain.payment_event import PaymentEvent, PaymentSnapshot, events_between
from payments.repositories.dynamodb import from_wire, to_wire
from payments.repositories.payments import payment_from_item
from payments.use_cases.publish_payment_events import publish_payment_events
from payments.use_cases.replay_events import republish
from tests.support.fakes.repositories import FakeEventBus, FakePayments
from tests.unit.builders import a_payment, a_pending_payment, an_intent


def statuses_of(payment: Payment) -> list[tuple[str, str]]:
    """What each line of the history leads from and to."""
    return [(change.from_status, change.to_status) for change in payment.history]


def types_of(before: Payment | None, after: Payment) -> list[str]:
    """What others are told."""
    return [event.type for event in events_between(before, after)]


# The history


def test_a_change_keeps_when_from_what_to_what_and_who_noticed() -> None:
    payment = a_payment().after(an_intent(status="succeeded"), by="webhook")
    assert payment.history == (
        StatusChange(
            at=payment.updated_at,
            from_status="requires_confirmation",
            to_status="succeeded",
            by="webhook",
        ),
    )


def test_another_reason_for_the_same_status_is_no_change_of_it() -> None:
    payment = a_payment(status="requires_action")
    other_card = payment.after(
        an_intent(status="requires_action", payment_method_id="pm_other"), by="confirm"
    )
    assert other_card.history == ()
    assert other_card.version == payment.version + 1


def test_after_success_the_history_tells_what_became_of_the_money() -> None:
    payment = a_payment(status="succeeded", amount=1099)
    for intent in (
        an_intent(status="succeeded", amount_refunded=99),
        an_intent(status="succeeded", amount_refunded=200),
        an_intent(status="succeeded", amount_refunded=99),
        an_intent(status="succeeded", amount_refunded=1099),
        an_intent(status="succeeded", amount_refunded=1099, dispute_status="needs_response"),
        an_intent(status="succeeded", amount_refunded=1099, dispute_status="under_review"),
        an_intent(status="succeeded", amount_refunded=1099, dispute_status="won"),
    ):
        payment = payment.after(intent, by="webhook")
    assert statuses_of(payment) == [
        ("succeeded", "partially_refunded"),
        ("partially_refunded", "partially_refunded"),
        ("partially_refunded", "refund_failed"),
        ("refund_failed", "refunded"),
        ("refunded", "disputed"),
        ("disputed", "dispute_won"),
    ]
    assert (payment.status, payment.amount_refunded) == ("succeeded", 1099)
    assert payment.dispute_status == "won"


@pytest.mark.parametrize(
    ("dispute_status", "told"),
    [
        ("warning_needs_response", "disputed"),
        ("lost", "dispute_lost"),
        ("warning_closed", "dispute_closed"),
        ("something_new", "disputed"),
    ],
)
def test_a_dispute_is_told_by_how_it_ended(dispute_status: str, told: str) -> None:
    payment = a_payment(status="succeeded").after(
        an_intent(status="succeeded", dispute_status=dispute_status), by="webhook"
    )
    assert statuses_of(payment) == [("succeeded", told)]


def test_what_was_missed_together_is_told_one_by_one() -> None:
    intent = an_intent(status="succeeded", amount_refunded=1099, dispute_status="lost")
    payment = a_payment().after(intent, by="reconcile")
    assert statuses_of(payment) == [
        ("requires_confirmation", "succeeded"),
        ("succeeded", "refunded"),
        ("refunded", "dispute_lost"),
    ]


def test_a_row_keeps_its_history_and_one_from_before_there_was_any_has_none() -> None:
    payment = a_payment().after(an_intent(status="succeeded"), by="confirm")
    row = from_wire(to_wire(asdict(payment)))
    assert payment_from_item(row) == payment
    for new in ("history", "amount_refunded"):
        del row[new]
    assert payment_from_item(row).history == ()


# The events


def test_each_line_of_the_history_is_one_event_with_an_id_that_stays() -> None:
    before = a_pending_payment()
    created = before.after(an_intent(), by="create")
    paid = created.after(an_intent(status="succeeded", amount_refunded=1), by="webhook")
    assert [event.event_id for event in events_between(before, created)] == ["pay_1-1"]
    assert [event.event_id for event in events_between(created, paid)] == ["pay_1-2", "pay_1-3"]
    of_all = [event.event_id for event in events_between(None, paid)]
    assert of_all == ["pay_1-1", "pay_1-2", "pay_1-3"]


@pytest.mark.parametrize(
    ("before", "intent", "told"),
    [
        ("pending", {}, "payment.created"),
        ("requires_action", {}, "payment.requires_confirmation"),
        ("requires_confirmation", {"status": "requires_action"}, "payment.requires_action"),
        ("requires_confirmation", {"status": "requires_payment_method"}, "payment.failed"),
        ("requires_confirmation", {"status": "processing"}, "payment.processing"),
        ("requires_confirmation", {"status": "canceled"}, "payment.canceled"),
        ("requires_confirmation", {"status": "succeeded"}, "payment.succeeded"),
        ("succeeded", {"status": "succeeded", "amount_refunded": 1}, "payment.refunded"),
        ("succeeded", {"status": "succeeded", "amount_refunded": 1099}, "payment.refunded"),
        (
            "succeeded",
            {"status": "succeeded", "dispute_status": "needs_response"},
            "payment.disputed",
        ),
    ],
)
def test_an_event_is_named_after_what_happened(
    before: str, intent: dict[str, object], told: str
) -> None:
    payment = a_payment(status=before)
    assert types_of(payment, payment.after(an_intent(**intent), by="webhook")) == [told]


def test_an_event_shows_the_payment_and_no_secret() -> None:
    payment = a_pending_payment()
    after = payment.after(an_intent(), by="create")
    [event] = events_between(payment, after)
    assert event == PaymentEvent(
        event_id="pay_1-1",
        type="payment.created",
        occurred_at=after.updated_at,
        from_status="pending",
        to_status="requires_confirmation",
        by="create",
        payment=PaymentSnapshot.of(after),
    )
    shown = {field.name for field in fields(PaymentSnapshot)}
    assert {field.name for field in fields(Payment)} - shown == {
        "request_hash",
        "cvc_recollected",
        "history",
        "version",
    }


def test_a_write_that_changes_no_status_is_no_event() -> None:
    payment = a_payment(status="requires_action")
    after = payment.after(an_intent(status="requires_action", payment_method_id="pm_2"), by="get")
    assert types_of(payment, after) == []


def test_changes_are_published_in_order() -> None:
    bus = FakeEventBus()
    pending = a_pending_payment()
    created = pending.after(an_intent(), by="create")
    paid = created.after(an_intent(status="succeeded"), by="confirm")
    published = publish_payment_events(
        [(None, pending), (pending, created), (created, paid)], bus=bus
    )
    assert [event.type for event in bus.events] == ["payment.created", "payment.succeeded"]
    assert published == bus.events


def test_what_the_stream_has_lost_is_published_again_from_the_histories() -> None:
    # Given two payments of which one was written to since
    payments, bus = FakePayments(), FakeEventBus()
    payments.put(a_payment(payment_id="pay_0", updated_at="2026-01-01"))
    pending = a_pending_payment()
    paid = pending.after(an_intent(), by="create").after(an_intent(status="succeeded"), by="get")
    payments.put(paid)
    # When there is time for one page, and then for the rest
    left = iter([True, False])
    first = republish(
        "2026-01-02", cursor=None, payments=payments, bus=bus, has_time=lambda: next(left)
    )
    assert bus.events == []
    window = first["window"]
    assert isinstance(window, dict)
    rest = republish(
        window["republish_since"],
        cursor=window["cursor"],
        payments=payments,
        bus=bus,
        has_time=lambda: True,
    )
    # Then its whole history is out
    assert rest == {"counts": {"events_published": 2}, "window": None}
    assert [event.event_id for event in bus.events] == ["pay_1-1", "pay_1-2"]


def test_what_is_not_published_is_an_error_so_that_it_comes_again() -> None:
    bus = FakeEventBus()
    bus.fail_next = ServiceUnavailableError()
    pending = a_pending_payment()
    with pytest.raises(ServiceUnavailableError):
        publish_payment_events([(pending, pending.after(an_intent(), by="create"))], bus=bus)
