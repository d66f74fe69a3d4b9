"""Record: a row is a versioned copy of what Stripe says, and never goes backwards (rule 2)."""

from dataclasses import replace

import pytest

from payments.domain.errors import ServiceUnavailableError
from payments.domain.payment_intent import PaymentIntent
from payments.recorder import Recorder
from tests.support.fakes.repositories import FakePayments
from tests.support.fakes.stripe_gateway import FakeStripe, declined
from tests.unit.builders import a_payment, an_intent


def stripe_says(stripe: FakeStripe, intent: PaymentIntent) -> PaymentIntent:
    """Make this the state at Stripe."""
    stripe.has_intent(a_payment()).intent = intent
    return intent


def test_the_row_learns_what_stripe_says(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    # Given
    payment = payments.put(a_payment())
    intent = stripe_says(stripe, an_intent(status="succeeded"))
    # When
    recorded, _ = recorder.payment(payment, intent)
    # Then
    assert recorded.status == "succeeded"
    assert recorded.version == payment.version + 1
    assert payments.rows[payment.payment_id] == recorded
    assert stripe.calls == []


def test_a_row_that_says_so_already_is_not_written(
    recorder: Recorder, payments: FakePayments
) -> None:
    # Given
    payment = payments.put(a_payment(status="succeeded"))
    # When
    recorded, _ = recorder.payment(payment, an_intent(status="succeeded"))
    # Then
    assert recorded == payment
    assert payments.records == 0


def test_a_refusal_is_recorded_with_its_reason_and_keeps_the_card(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    # Given a refused intent, which no longer names a card
    payment = payments.put(a_payment())
    intent = stripe_says(
        stripe,
        an_intent(
            status="requires_payment_method",
            payment_method_id=None,
            last_payment_error=declined("lost_card"),
        ),
    )
    # When
    recorded, _ = recorder.payment(payment, intent)
    # Then
    assert recorded.last_payment_error == declined("lost_card")
    assert recorded.payment_method_id == "pm_card"


def test_another_card_is_recorded(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    # Given
    payment = payments.put(a_payment(status="succeeded"))
    intent = stripe_says(stripe, an_intent(status="succeeded", payment_method_id="pm_other"))
    # When
    recorded, _ = recorder.payment(payment, intent)
    # Then
    assert recorded.payment_method_id == "pm_other"


def test_after_a_conflict_the_row_is_read_before_stripe_is_asked(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    # Given someone who writes in between, while the payment succeeds at Stripe
    payment = payments.put(a_payment())
    stripe_says(stripe, an_intent(status="succeeded"))
    theirs = replace(payment, status="requires_action", version=3)
    payments.before_writes.add(lambda: payments.put(theirs))
    versions_at_stripe: list[int] = []
    stripe.meanwhile(
        "retrieve_payment_intent", lambda: versions_at_stripe.append(payments.get("pay_1").version)
    )
    # When
    recorded, intent = recorder.payment(payment, an_intent(status="processing"))
    # Then
    assert versions_at_stripe == [3]
    assert (recorded.status, intent.status) == ("succeeded", "succeeded")
    assert recorded.version == 4


def test_a_write_while_stripe_is_asked_anew_is_noticed_too(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    # Given a conflict, and another write between the second read and the second write
    payment = payments.put(a_payment())
    stripe_says(stripe, an_intent(status="requires_action"))
    payments.before_writes.add(lambda: payments.put(replace(payment, version=3)))

    def settle_meanwhile() -> None:
        stripe_says(stripe, an_intent(status="succeeded"))
        payments.put(replace(payment, status="succeeded", version=4))

    stripe.meanwhile("retrieve_payment_intent", settle_meanwhile)
    # When
    recorded, intent = recorder.payment(payment, an_intent(status="requires_action"))
    # Then
    assert (recorded.status, intent.status) == ("succeeded", "succeeded")
    assert payments.rows["pay_1"].status == "succeeded"


def test_a_late_answer_never_takes_the_row_backwards(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    # Given an answer from before the payment succeeded
    payment = payments.put(a_payment())
    late = an_intent(status="requires_action")
    stripe_says(stripe, an_intent(status="succeeded"))
    succeeded = replace(payment, status="succeeded", version=3)
    payments.before_writes.add(lambda: payments.put(succeeded))
    # When
    recorded, intent = recorder.payment(payment, late)
    # Then
    assert (recorded, intent.status) == (succeeded, "succeeded")
    assert payments.rows["pay_1"] == succeeded
    assert payments.records == 0


def test_a_conflict_with_somebody_who_wrote_the_same_is_none(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    # Given
    payment = payments.put(a_payment())
    theirs = replace(payment, status="succeeded", version=3)
    payments.before_writes.add(lambda: payments.put(theirs))
    # When
    recorded, _ = recorder.payment(payment, an_intent(status="succeeded"))
    # Then
    assert recorded == theirs
    assert stripe.calls == []


def test_it_gives_up_when_others_keep_writing(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    # Given
    payment = payments.put(a_payment())
    intent = stripe_says(stripe, an_intent(status="succeeded"))

    def somebody_writes() -> None:
        row = payments.get("pay_1")
        payments.put(replace(row, status="requires_action", version=row.version + 1))

    for _ in range(100):
        payments.before_writes.add(somebody_writes)
    # When, then
    with pytest.raises(ServiceUnavailableError):
        recorder.payment(payment, intent)
    assert len(stripe.calls) < 10


@pytest.mark.parametrize("conflicts", [1, 2, 3, 4])
def test_it_outlasts_a_few_conflicts(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments, conflicts: int
) -> None:
    # Given
    payment = payments.put(a_payment())
    intent = stripe_says(stripe, an_intent(status="succeeded"))

    def somebody_writes() -> None:
        row = payments.get("pay_1")
        payments.put(replace(row, status="requires_action", version=row.version + 1))

    for _ in range(conflicts):
        payments.before_writes.add(somebody_writes)
    # When
    recorded, _ = recorder.payment(payment, intent)
    # Then
    assert recorded.status == "succeeded"


def test_repeating_an_event_changes_nothing(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    # Given
    payment = payments.put(a_payment())
    intent = stripe_says(stripe, an_intent(status="succeeded"))
    first, _ = recorder.payment(payment, intent)
    # When it comes again, once with the current row and once with the row as it was before
    recorder.payment(first, intent)
    recorder.payment(payment, intent)
    # Then
    assert payments.rows["pay_1"] == first
    assert payments.records == 1
