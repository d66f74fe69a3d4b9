"""The published events of a payment."""

from collections.abc import Iterator
from dataclasses import fields, replace

import pytest

from payments.domain.payment import Payment
from payments.domain.payment_event import PaymentEvent, PaymentSnapshot, events_of
from payments.domain.payment_intent import Dispute, LastPaymentError, Refund
from tests.unit.builders import a_payment, a_pending_payment, an_intent

A_BIT = Refund("re_1", 1, "succeeded")


def types_of(before: Payment | None, after: Payment) -> list[str]:
    """The types of the published events."""
    return [event.type for event in events_between(before, after)]


def events_between(before: Payment | None, after: Payment) -> Iterator[PaymentEvent]:
    """The events of a write."""
    known = len(before.history) if before else 0
    return events_of(after, range(known + 1, len(after.history) + 1))


def test_each_line_of_the_history_is_one_event_with_an_id_that_stays() -> None:
    before = a_pending_payment()
    created = before.after(an_intent(), by="create")
    paid = created.after(an_intent(status="succeeded", refunds=(A_BIT,)), by="webhook")
    first, second, third = (
        "pay_1-pi_1-requires_confirmation",
        "pay_1-pi_1-succeeded",
        "pay_1-re_1-refund_succeeded",
    )
    assert [event.event_id for event in events_between(before, created)] == [first]
    assert [event.event_id for event in events_between(created, paid)] == [second, third]
    of_all = list(events_between(None, paid))
    assert [event.event_id for event in of_all] == [first, second, third]
    assert [event.line for event in of_all] == [1, 2, 3]


def test_a_line_from_before_ids_keeps_the_event_id_that_it_had() -> None:
    created = a_pending_payment().after(an_intent(), by="create")
    before_ids = replace(created, history=(replace(created.history[0], id=""),))
    assert [event.event_id for event in events_of(before_ids, [1])] == ["pay_1-1"]


def test_a_line_of_a_rebuild_that_may_have_had_another_id_is_not_published() -> None:
    created = a_pending_payment().after(an_intent(), by="rebuild")
    unsure = replace(created, history=(*created.history, replace(created.history[0], id="")))
    assert [event.line for event in events_of(unsure, [1, 2])] == [1]


def test_what_may_come_again_has_the_time_in_its_id() -> None:
    payment = a_pending_payment().after(an_intent(), by="create")
    for _ in range(2):  # the bank asks, and the person passes, twice
        asked = payment.after(an_intent(status="requires_action"), by="confirm")
        payment = replace(asked, status="requires_confirmation")
    ids = [line.id for line in payment.history]
    assert len(set(ids)) == len(ids)
    assert ids[1].startswith("requires_action-2")


@pytest.mark.parametrize("first", ["re_1", "re_2"])
def test_a_refunds_event_id_does_not_depend_on_what_was_noticed_before_it(first: str) -> None:
    paid = a_payment(status="succeeded", amount_received=1099)
    refunds = {"re_1": Refund("re_1", 99, "succeeded"), "re_2": Refund("re_2", 1000, "succeeded")}
    noticed = paid.after(an_intent(status="succeeded", refunds=(refunds[first],)), by="webhook")
    both = noticed.after(an_intent(status="succeeded", refunds=tuple(refunds.values())), by="get")
    assert {line.id for line in both.history} == {"re_1-refund_succeeded", "re_2-refund_succeeded"}


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
        ("requires_confirmation", {"amount": 1}, "payment.mismatched"),
        ("succeeded", {"status": "succeeded", "refunds": (A_BIT,)}, "payment.refunded"),
        (
            "succeeded",
            {"status": "succeeded", "refunds": (Refund("re_1", 1099, "succeeded"),)},
            "payment.refunded",
        ),
        (
            "succeeded",
            {"status": "succeeded", "refunds": (Refund("re_1", 1099, "failed"),)},
            "payment.refund_failed",
        ),
        (
            "succeeded",
            {"status": "succeeded", "disputes": (Dispute("du_1", "needs_response"),)},
            "payment.disputed",
        ),
        (
            "succeeded",
            {"status": "succeeded", "disputes": (Dispute("du_1", "warning_closed"),)},
            "payment.inquiry_closed",
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
    after = payment.after(an_intent(), by="create", actor="person:user-1")
    [event] = events_between(payment, after)
    assert event == PaymentEvent(
        event_id="pay_1-pi_1-requires_confirmation",
        line=1,
        type="payment.created",
        occurred_at=after.updated_at,
        from_status="pending",
        to_status="requires_confirmation",
        by="create",
        actor="person:user-1",
        payment=PaymentSnapshot.of(after),
    )
    shown = {field.name for field in fields(PaymentSnapshot)}
    assert {field.name for field in fields(Payment)} - shown == {
        "account_id",
        "created_by",
        "disputes",
        "instruction",
        "key_generation",
        "key_hash",
        "key_id",
        "off_session",
        "order_closed",
        "order_expires_at",
        "replaced_card",
        "refund_requests",
        "refunds",
        "request_hash",
        "cvc_recollected",
        "history",
        "version",
    }


def test_a_payment_that_ends_without_stripe_is_told_with_its_reason() -> None:
    reason = LastPaymentError("payment_method_not_found", None, "No.")
    refused = a_pending_payment().ended("refused", reason, by="create")
    [event] = events_between(a_pending_payment(), refused)
    assert (event.type, event.from_status, event.by) == ("payment.refused", "pending", "create")
    assert event.payment.last_payment_error == reason


def test_a_write_that_changes_no_status_is_no_event() -> None:
    payment = a_payment(status="requires_action")
    after = payment.after(an_intent(status="requires_action", payment_method_id="pm_2"), by="get")
    assert types_of(payment, after) == []
