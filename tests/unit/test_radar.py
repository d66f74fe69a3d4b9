"""What Radar says of a payment: when it is announced as paid, and what its payer is told."""

from dataclasses import asdict, replace

import pytest

from payments.domain.payment import Payment
from payments.domain.payment_event import PaymentSnapshot, type_of
from payments.domain.radar import FraudWarning, Review
from payments.repositories.dynamodb import from_wire, to_wire
from payments.repositories.payments import payment_from_item
from tests.unit.builders import a_payment, an_intent

OPEN = Review("prv_1", open=True)
APPROVED = Review("prv_1", open=False, closed_reason="approved")
WARNING = FraudWarning("issfr_1", "made_with_stolen_card", actionable=True)


def told(payment: Payment) -> list[str]:
    """What the history says, in order."""
    return [line.to_status for line in payment.history]


def after(payment: Payment, *reviews: Review | None, status: str = "succeeded") -> Payment:
    """The payment once it has learnt of one state of its review after the other."""
    for review in reviews:
        payment = payment.after(an_intent(status=status, review=review), by="webhook")
    return payment


def test_a_payment_under_review_is_not_announced_as_paid_until_it_is_approved() -> None:
    payment = after(a_payment(), OPEN)
    assert payment.status == "succeeded"  # the money is charged
    assert [type_of(line) for line in payment.history] == ["payment.review"]
    payment = after(payment, APPROVED)
    assert [type_of(line) for line in payment.history] == [
        "payment.review",
        "payment.review_closed",
        "payment.succeeded",
    ]
    assert [line.id for line in payment.history] == [
        "prv_1-review",
        "prv_1-review_closed",
        "pi_1-succeeded",
    ]


@pytest.mark.parametrize(
    ("reason", "passes"),
    [
        ("approved", True),
        ("acknowledged", True),
        ("refunded", False),
        ("refunded_as_fraud", False),
        ("disputed", False),
        ("canceled", False),
        ("payment_never_settled", False),
        ("redacted", False),
        ("something_new", False),
        (None, False),
    ],
)
def test_only_somebody_who_lets_it_pass_makes_it_a_success(
    reason: str | None, passes: bool
) -> None:
    payment = after(a_payment(), OPEN, Review("prv_1", open=False, closed_reason=reason))
    assert ("succeeded" in told(payment)) is passes
    assert told(payment)[:2] == ["review", "review_closed"]


def test_whoever_sees_it_only_when_it_is_over_tells_the_same() -> None:
    assert told(after(a_payment(), APPROVED)) == ["review", "review_closed", "succeeded"]


def test_a_review_that_has_no_name_yet_counts() -> None:
    unnamed = Review(None, open=True)
    payment = after(a_payment(), unnamed)
    assert told(payment) == ["review"]
    payment = after(payment, unnamed, OPEN, unnamed)
    assert (told(payment), payment.review) == (["review"], OPEN)
    assert told(after(payment, APPROVED)) == ["review", "review_closed", "succeeded"]


def test_an_older_answer_does_not_open_it_again() -> None:
    payment = after(a_payment(), OPEN, APPROVED)
    again = after(payment, OPEN, Review(None, open=True), None)
    assert (again.review, told(again)) == (APPROVED, told(payment))
    assert payment.reflects(an_intent(status="succeeded", review=OPEN))


def test_a_review_of_what_was_announced_takes_nothing_back() -> None:
    payment = after(a_payment(), None, OPEN, APPROVED)
    assert told(payment) == ["succeeded", "review", "review_closed"]


def test_money_that_is_held_can_be_reviewed_before_it_is_captured() -> None:
    held = after(a_payment(capture_method="manual"), OPEN, status="requires_capture")
    assert told(held) == ["requires_capture", "review"]
    assert told(after(held, OPEN, APPROVED)) == [
        "requires_capture",
        "review",
        "review",
        "review_closed",
        "succeeded",
    ]
    approved = after(held, APPROVED, status="requires_capture")
    assert told(after(approved, APPROVED)) == [
        "requires_capture",
        "review",
        "review_closed",
        "succeeded",
    ]
    missed = after(held, APPROVED)
    assert told(missed) == ["requires_capture", "review", "review_closed", "succeeded"]


def test_a_line_is_told_under_an_id_of_its_own() -> None:
    held = after(a_payment(capture_method="manual"), OPEN, status="requires_capture")
    ids = [line.id for line in after(held, OPEN, APPROVED).history]
    assert len(ids) == len(set(ids))
    assert all(ids)


def test_each_warning_of_fraud_is_told_once() -> None:
    payment = a_payment(status="succeeded")
    second = replace(WARNING, warning_id="issfr_2")
    for warnings in [(WARNING,), None, (replace(WARNING, actionable=False), second)]:
        intent = an_intent(status="succeeded", fraud_warnings=warnings)
        payment = payment.after(intent, by="webhook")
    assert told(payment) == ["early_fraud_warning", "early_fraud_warning"]
    assert [line.id for line in payment.history] == [
        "issfr_1-early_fraud_warning",
        "issfr_2-early_fraud_warning",
    ]
    assert type_of(payment.history[0]) == "payment.early_fraud_warning"
    assert payment.fraud_warnings == (replace(WARNING, actionable=False), second)


def test_a_payer_is_told_that_they_have_paid_and_nothing_of_radar() -> None:
    reviewed = after(a_payment(), OPEN)
    warned = reviewed.after(
        an_intent(status="succeeded", review=OPEN, fraud_warnings=(WARNING,)), by="webhook"
    )
    approved = after(warned, APPROVED)
    for payment in (reviewed, warned, approved):
        assert [(line.from_status, line.to_status) for line in payment.history_for_payer] == [
            ("requires_confirmation", "succeeded")
        ]


def test_a_payer_of_held_money_is_told_when_it_was_taken() -> None:
    held = after(a_payment(capture_method="manual"), OPEN, status="requires_capture")
    assert [line.to_status for line in held.history_for_payer] == ["requires_capture"]
    for captured in (after(held, OPEN), after(held, OPEN, APPROVED), after(held, APPROVED)):
        assert [line.to_status for line in captured.history_for_payer] == [
            "requires_capture",
            "succeeded",
        ]


def test_a_row_keeps_what_radar_says_and_an_older_row_says_nothing() -> None:
    intent = an_intent(status="succeeded", review=OPEN, fraud_warnings=(WARNING,))
    payment = a_payment().after(intent, by="webhook")
    row = from_wire(to_wire(asdict(payment)))
    assert payment_from_item(row) == payment
    older = {name: value for name, value in row.items() if name not in {"review", "fraud_warnings"}}
    assert payment_from_item(older) == replace(payment, review=None, fraud_warnings=())


def test_an_event_carries_what_radar_says() -> None:
    intent = an_intent(status="succeeded", review=OPEN, fraud_warnings=(WARNING,))
    snapshot = PaymentSnapshot.of(a_payment().after(intent, by="webhook"))
    assert (snapshot.review, snapshot.fraud_warnings) == (OPEN, (WARNING,))
    assert snapshot.wrong_members() == []
