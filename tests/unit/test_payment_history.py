"""A payment's history."""

from dataclasses import asdict

import pytest

from payments.domain.payment import Payment, StatusChange
from payments.repositories.dynamodb import from_wire, to_wire
from payments.repositories.payments import payment_from_item
from tests.unit.builders import a_payment, an_intent


def statuses_of(payment: Payment) -> list[tuple[str, str]]:
    """The two statuses in each line of the history."""
    return [(change.from_status, change.to_status) for change in payment.history]


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


def test_after_success_the_history_says_what_happened_to_the_money() -> None:
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
def test_a_dispute_is_recorded_with_how_it_ended(dispute_status: str, told: str) -> None:
    payment = a_payment(status="succeeded").after(
        an_intent(status="succeeded", dispute_status=dispute_status), by="webhook"
    )
    assert statuses_of(payment) == [("succeeded", told)]


def test_changes_that_were_missed_together_have_one_line_each() -> None:
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
