"""A payment's history."""

from dataclasses import asdict, replace

import pytest

from payments.domain.actor import Actor
from payments.domain.payment import Payment, StatusChange
from payments.domain.payment_intent import Dispute, Refund, refunded
from payments.repositories.dynamodb import from_wire, to_wire
from payments.repositories.payments import payment_from_item
from payments.stripe_gateway.objects import weightiest_status
from tests.support.fakes.stripe_gateway import declined
from tests.unit.builders import a_payment, an_intent

A_BIT = Refund("re_1", 99, "succeeded")
THE_REST = Refund("re_2", 1000, "succeeded")


def statuses_of(payment: Payment) -> list[tuple[str, str]]:
    """The two statuses in each line of the history."""
    return [(change.from_status, change.to_status) for change in payment.history]


def test_a_change_keeps_when_from_what_to_what_and_who_noticed() -> None:
    payment = a_payment().after(
        an_intent(status="succeeded"), by="confirm", actor=str(Actor.person("user-1"))
    )
    assert payment.history == (
        StatusChange(
            at=payment.updated_at,
            from_status="requires_confirmation",
            to_status="succeeded",
            by="confirm",
            actor="person:user-1",
            id="pi_1-succeeded",
        ),
    )


def test_another_reason_for_the_same_status_is_no_change_of_it() -> None:
    payment = a_payment(status="requires_action")
    other_card = payment.after(
        an_intent(status="requires_action", payment_method_id="pm_other"), by="confirm"
    )
    assert other_card.history == ()
    assert other_card.version == payment.version + 1


def refunds_of(*refunds: Refund) -> dict[str, object]:
    """The part of an intent that tells of its refunds."""
    return {"refunds": refunds, "amount_refunded": refunded(refunds)}


def disputes_of(*statuses: str) -> dict[str, object]:
    """The part of an intent that tells of its disputes."""
    disputes = tuple(Dispute(f"du_{number}", status) for number, status in enumerate(statuses))
    return {"disputes": disputes, "dispute_status": weightiest_status(disputes)}


def after_each(payment: Payment, *intents: dict[str, object]) -> Payment:
    """The payment once it has learnt of one intent after the other."""
    for intent in intents:
        payment = payment.after(an_intent(status="succeeded", **intent), by="webhook")
    return payment


def test_each_attempt_that_is_refused_is_a_line() -> None:
    payment = a_payment()
    for charge_id in ("ch_1", "ch_1", "ch_2"):
        refused = replace(declined(), charge_id=charge_id)
        intent = an_intent(status="requires_payment_method", last_payment_error=refused)
        payment = payment.after(intent, by="confirm")
    assert statuses_of(payment) == [
        ("requires_confirmation", "requires_payment_method"),
        ("requires_payment_method", "requires_payment_method"),
    ]


def test_after_success_the_history_tells_what_became_of_the_money() -> None:
    payment = after_each(
        a_payment(status="succeeded"),
        refunds_of(A_BIT),
        refunds_of(A_BIT, THE_REST),
        refunds_of(A_BIT, replace(THE_REST, status="failed")),
        refunds_of(A_BIT, replace(THE_REST, status="failed"), replace(THE_REST, refund_id="re_3")),
    )
    payment = after_each(
        payment,
        *(
            refunds_of(*payment.refunds) | disputes_of(status)
            for status in ("needs_response", "under_review", "won")
        ),
    )
    assert statuses_of(payment) == [
        ("succeeded", "partially_refunded"),
        ("partially_refunded", "refunded"),
        ("refunded", "refund_failed"),
        ("refund_failed", "refunded"),
        ("refunded", "disputed"),
        ("disputed", "dispute_won"),
    ]
    assert (payment.status, payment.amount_refunded) == ("succeeded", 1099)
    assert payment.dispute_status == "won"


@pytest.mark.parametrize(
    ("refund_status", "told"),
    [
        ("succeeded", "partially_refunded"),
        ("pending", "refund_pending"),
        ("requires_action", "refund_requires_action"),
        ("failed", "refund_failed"),
        ("canceled", "refund_canceled"),
        ("something_new", "refund_pending"),  # only what has succeeded is money given back
    ],
)
def test_a_refund_is_told_by_its_status(refund_status: str, told: str) -> None:
    refund = replace(A_BIT, status=refund_status)
    payment = after_each(a_payment(status="succeeded"), refunds_of(refund))
    assert statuses_of(payment) == [("succeeded", told)]
    assert payment.amount_refunded == (99 if refund_status == "succeeded" else 0)


def test_refunds_missed_together_are_told_as_they_added_up() -> None:
    payment = after_each(a_payment(status="succeeded"), refunds_of(A_BIT, THE_REST))
    assert statuses_of(payment) == [
        ("succeeded", "partially_refunded"),
        ("partially_refunded", "refunded"),
    ]


def test_a_refund_that_was_pending_is_told_again_when_it_succeeds() -> None:
    pending = refunds_of(replace(A_BIT, status="pending"))
    payment = after_each(a_payment(status="succeeded"), pending, pending, refunds_of(A_BIT))
    assert statuses_of(payment) == [
        ("succeeded", "refund_pending"),
        ("refund_pending", "partially_refunded"),
    ]


@pytest.mark.parametrize(
    ("dispute_status", "told"),
    [
        ("warning_needs_response", "inquiry"),
        ("warning_under_review", "inquiry"),
        ("warning_closed", "inquiry_closed"),
        ("needs_response", "disputed"),
        ("under_review", "disputed"),
        ("won", "dispute_won"),
        ("lost", "dispute_lost"),
        ("prevented", "dispute_closed"),
        ("something_new", "disputed"),
    ],
)
def test_a_dispute_is_told_by_how_it_stands(dispute_status: str, told: str) -> None:
    payment = after_each(a_payment(status="succeeded"), disputes_of(dispute_status))
    assert statuses_of(payment) == [("succeeded", told)]


def test_an_inquiry_that_becomes_a_dispute_is_told_and_each_dispute_has_its_own_lines() -> None:
    payment = after_each(
        a_payment(status="succeeded"),
        disputes_of("warning_needs_response"),
        disputes_of("warning_under_review"),
        disputes_of("needs_response"),
        disputes_of("lost", "needs_response"),
        disputes_of("lost", "won"),
    )
    assert [line.to_status for line in payment.history] == [
        "inquiry",
        "disputed",
        "dispute_lost",
        "disputed",
        "dispute_won",
    ]
    assert payment.dispute_status == "lost"


def test_what_was_missed_together_is_told_one_by_one() -> None:
    whole = refunds_of(Refund("re_1", 1099, "succeeded"))
    payment = after_each(a_payment(), whole | disputes_of("lost"))
    assert statuses_of(payment) == [
        ("requires_confirmation", "succeeded"),
        ("succeeded", "refunded"),
        ("refunded", "dispute_lost"),
    ]


def test_a_row_keeps_its_history_and_one_from_before_there_was_any_has_none() -> None:
    payment = a_payment().after(an_intent(status="succeeded"), by="confirm")
    row = from_wire(to_wire(asdict(payment)))
    assert payment_from_item(row) == payment
    new = ("history", "amount_refunded", "amount_received", "refunds", "disputes", "key_generation")
    for name in new:
        del row[name]
    old = payment_from_item(row)
    assert (old.history, old.refunds, old.disputes, old.key_generation) == ((), (), (), 1)
