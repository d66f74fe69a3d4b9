"""The rules of giving money back: how much, to whom it is told, and what became of it."""

from dataclasses import replace

import pytest

from payments.domain.errors import (
    AmountTooLargeError,
    PaymentNotRefundableError,
    ValidationError,
)
from payments.domain.payment import Payment, RefundRequest
from payments.domain.payment_intent import Refund
from payments.domain.refund import (
    RefundWish,
    RequestedRefund,
    new_refund,
    refund_id_for,
    refunds_of,
    state_of,
)
from tests.unit.builders import a_payment, an_intent

STAFF = "staff:sam"


def paid(amount: int = 1099, currency: str = "eur", **changes: object) -> Payment:
    """A payment whose money was taken."""
    return a_payment(amount=amount, currency=currency, status="succeeded", **changes)


def asked(payment: Payment, amount: int | None = None, **changes: object) -> RequestedRefund:
    """A refund that somebody asks for."""
    refund = new_refund("ref_1", payment, RefundWish(amount), actor=STAFF)
    return replace(refund, **changes)  # type: ignore[arg-type]


def test_one_key_asks_for_one_refund_of_one_payment_for_good() -> None:
    first = refund_id_for("pay_1", "key-1234")
    assert first == refund_id_for("pay_1", "key-1234")
    assert (
        len({first, refund_id_for("pay_2", "key-1234"), refund_id_for("pay_1", "key-12345")}) == 3
    )


def test_what_is_under_way_or_asked_for_is_not_there_to_give_back() -> None:
    payment = paid(
        refunds=(
            Refund("re_1", 100, "succeeded"),
            Refund("re_2", 200, "pending"),
            Refund("re_3", 400, "failed"),
            Refund("re_4", 400, "canceled"),
        ),
        refund_requests=(RefundRequest("ref_0", 99),),
    )
    assert payment.amount_refundable == 700
    assert asked(payment).amount == 700
    assert asked(payment, 700).amount == 700
    with pytest.raises(AmountTooLargeError, match=r"At most 7\.00 EUR"):
        asked(payment, 701)


def test_nothing_left_is_too_large_whatever_is_wanted() -> None:
    payment = paid(refunds=(Refund("re_1", 1099, "succeeded"),))
    for amount in (None, 1):
        with pytest.raises(AmountTooLargeError):
            asked(payment, amount)


@pytest.mark.parametrize("status", ["requires_capture", "requires_action", "canceled", "refused"])
def test_where_no_money_was_taken_none_is_given_back(status: str) -> None:
    with pytest.raises(PaymentNotRefundableError):
        asked(a_payment(status=status), 1)


@pytest.mark.parametrize(
    ("currency", "amount", "part", "allowed"),
    [
        ("jpy", 1800, 1, True),
        ("isk", 1800_00, 100, True),
        ("isk", 1800_00, 150, False),
        ("ugx", 1800_00, 1, False),
        ("kwd", 3500, 10, True),
        ("kwd", 3500, 1234, False),
        ("huf", 35_000, 1, True),
    ],
)
def test_parts_are_as_whole_as_the_currency_wants_them(
    currency: str, amount: int, part: int, *, allowed: bool
) -> None:
    payment = paid(amount, currency)
    assert asked(payment).amount == amount
    if allowed:
        assert asked(payment, part).amount == part
    else:
        with pytest.raises(ValidationError):
            asked(payment, part)


def test_what_was_captured_is_what_can_be_given_back() -> None:
    payment = replace(paid(), amount_received=500)
    assert asked(payment).amount == 500
    given = (Refund("re_1", 500, "succeeded"),)
    intent = an_intent(status="succeeded", amount_received=500, refunds=given, amount_refunded=500)
    after = payment.after(intent, by="webhook")
    assert after.history[-1].to_status == "refunded"


def test_a_refund_that_stripe_has_not_shown_is_pending_and_reserved() -> None:
    payment = paid()
    refund = asked(payment, 500)
    after = payment.with_refund_request(RefundRequest("ref_1", 500, STAFF))
    assert (after.version, after.amount_refundable) == (payment.version + 1, 599)
    assert after.has_work_left
    assert after.is_in_doubt
    assert state_of(after, refund).status == "pending"


def test_once_stripe_shows_it_the_reservation_is_gone_and_who_asked_is_named() -> None:
    payment = paid().with_refund_request(RefundRequest("ref_1", 500, STAFF))
    shown = Refund("re_1", 500, "succeeded", requested_as="ref_1")
    intent = an_intent(status="succeeded", refunds=(shown,), amount_refunded=500)
    # When an event brings it, before the request has its answer
    after = payment.after(intent, by="webhook", actor="webhook")
    # Then
    assert after.refund_requests == ()
    assert after.amount_refundable == 599
    assert not after.has_work_left
    [line] = after.history
    assert (line.to_status, line.by, line.actor) == ("partially_refunded", "webhook", STAFF)
    assert after.reflects(intent)


def test_a_refund_of_the_dashboard_leaves_reservations_alone() -> None:
    payment = paid().with_refund_request(RefundRequest("ref_1", 500, STAFF))
    intent = an_intent(status="succeeded", refunds=(Refund("re_1", 500, "succeeded"),))
    after = payment.after(intent, by="webhook", actor="webhook")
    assert after.refund_requests == payment.refund_requests
    assert after.amount_refundable == 99
    assert after.history[-1].actor == "webhook"


def test_when_a_status_changes_its_time_is_noted_and_stays() -> None:
    pending = Refund("re_1", 500, "pending", requested_as="ref_1")
    first = paid().after(an_intent(status="succeeded", refunds=(pending,)), by="refund")
    again = first.after(
        an_intent(status="succeeded", refunds=(replace(pending, reason="duplicate"),)), by="get"
    )
    done = replace(pending, status="succeeded")
    later = again.after(
        an_intent(status="succeeded", refunds=(done,), amount_refunded=500), by="webhook"
    )
    assert first.refunds[0].updated_at == again.refunds[0].updated_at
    assert (later.refunds[0].updated_at or "") >= (again.refunds[0].updated_at or "")
    assert [line.to_status for line in later.history] == ["refund_pending", "partially_refunded"]


def test_a_refused_refund_releases_its_amount_and_the_history_tells() -> None:
    payment = paid().with_refund_request(RefundRequest("ref_1", 500, STAFF))
    after = payment.without_refund_request("ref_1", by="refund", actor=STAFF)
    assert (after.refund_requests, after.amount_refundable) == ((), 1099)
    [line] = after.history
    assert (line.from_status, line.to_status, line.actor) == ("succeeded", "refund_refused", STAFF)


def test_all_refunds_are_told_newest_first_whoever_made_them() -> None:
    at_stripe = asked(paid(), 500, note="A torn bag", created_at="2026-01-02T00:00:00.000Z")
    refused = asked(
        paid(),
        1,
        refund_id="ref_2",
        refused="charge_disputed",
        created_at="2026-01-03T00:00:00.000Z",
    )
    waiting = asked(paid(), 2, refund_id="ref_3", created_at="2026-01-04T00:00:00.000Z")
    payment = paid(
        refunds=(
            Refund("re_9", 3, "succeeded", created_at="2026-01-01T00:00:00.000Z"),
            Refund("re_1", 500, "failed", "lost_or_stolen_card", "ref_1", "duplicate"),
        ),
        refund_requests=(RefundRequest("ref_3", 2, STAFF),),
    )
    told = refunds_of(payment, [at_stripe, refused, waiting])
    assert [(each.refund_id, each.status, each.failure_reason, each.note) for each in told] == [
        ("ref_3", "pending", None, None),
        ("ref_2", "failed", "charge_disputed", None),
        ("ref_1", "failed", "lost_or_stolen_card", "A torn bag"),
        ("re_9", "succeeded", None, None),
    ]
    assert {each.currency for each in told} == {"eur"}
    assert [each.actor for each in told] == [STAFF, STAFF, STAFF, None]


def test_metadata_tells_whose_it_is_and_fits_stripe() -> None:
    refund = asked(paid(), 500, note="x" * 500)
    assert refund.metadata["refund_id"] == "ref_1"
    assert all(len(value) <= 500 for value in refund.metadata.values())
    assert "note" not in asked(paid(), 500).metadata
