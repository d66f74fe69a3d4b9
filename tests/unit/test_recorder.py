"""Record: a row is a versioned copy of what Stripe says, and never goes backwards (rule 2)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from payments.domain.errors import ServiceUnavailableError, StripeRejectedError
from payments.domain.payment_intent import LastPaymentError, PaymentIntent
from payments.recorder import Recorder
from tests.support.fakes.repositories import FakePayments
from tests.support.fakes.stripe_gateway import FakeStripe, declined
from tests.unit.builders import a_payment, a_pending_payment, an_intent

type Log = Callable[[], list[dict[str, Any]]]


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
        payments.put(a_payment(status="succeeded", version=4))

    stripe.meanwhile("retrieve_payment_intent", settle_meanwhile)
    # When
    recorded, intent = recorder.payment(payment, an_intent(status="requires_action"))
    # Then
    assert (recorded.status, intent.status) == ("succeeded", "succeeded")
    assert payments.rows["pay_1"].status == "succeeded"


def test_after_a_conflict_an_inquiry_is_read_again_whatever_its_charge_says(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    # Given an inquiry that its charge does not show, and someone who writes in between
    payment = payments.put(a_payment(status="succeeded"))
    stripe_says(stripe, an_intent(status="succeeded"))
    stripe.charges_hide_inquiries = True
    stripe.dispute("pi_1", "warning_needs_response")
    intent = stripe.retrieve_payment_intent("pi_1", disputed=True)
    payments.before_writes.add(lambda: payments.put(replace(payment, version=3)))
    # When
    recorded, _ = recorder.payment(payment, intent)
    # Then
    assert recorded.dispute_status == "warning_needs_response"


def test_a_late_answer_never_takes_the_row_backwards(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    # Given an answer from before the payment succeeded
    payment = payments.put(a_payment())
    late = an_intent(status="requires_action")
    stripe_says(stripe, an_intent(status="succeeded"))
    succeeded = a_payment(status="succeeded", version=3)
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
    theirs = a_payment(status="succeeded", version=3)
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


# Compare, then believe (rule 3)


def test_an_intent_that_is_not_the_payments_ends_it_and_is_told_to_the_merchant(
    recorder: Recorder, payments: FakePayments, log: Log
) -> None:
    # Given
    payment = payments.put(a_payment())
    # When
    recorded, _ = recorder.payment(payment, an_intent(status="succeeded", amount=1))
    # Then
    assert recorded.status == "mismatched"
    assert recorded.is_closed
    assert recorded.amount == 1099
    assert recorded.last_payment_error == LastPaymentError(
        "mismatched", None, "amount: 1099 here, 1 at Stripe"
    )
    (line,) = log()
    assert (line["level"], line["message"]) == ("ERROR", "payment mismatched")
    assert line["differences"] == "amount: 1099 here, 1 at Stripe"


def test_a_mismatch_is_written_once(recorder: Recorder, payments: FakePayments) -> None:
    # Given
    intent = an_intent(amount=1)
    recorded, _ = recorder.payment(payments.put(a_payment()), intent)
    # When
    again, _ = recorder.payment(recorded, intent)
    # Then
    assert again == recorded
    assert payments.records == 1


def test_a_mismatched_payment_whose_intent_is_right_again_goes_on(
    recorder: Recorder, payments: FakePayments
) -> None:
    # Given
    mismatched, _ = recorder.payment(payments.put(a_payment()), an_intent(currency="usd"))
    # When
    recorded, _ = recorder.payment(mismatched, an_intent())
    # Then
    assert (recorded.status, recorded.last_payment_error) == ("requires_confirmation", None)
    assert not recorded.is_closed
    assert [line.to_status for line in recorded.history] == ["mismatched", "requires_confirmation"]


def test_who_created_a_second_intent_gets_the_one_that_the_row_has(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    # Given two requests that asked under two keys, and the other one has written first
    pending = payments.put(a_pending_payment())
    stripe.has_intent(a_payment())
    payments.before_writes.add(lambda: payments.put(a_payment(status="requires_action")))
    # When
    recorded, intent = recorder.payment(pending, an_intent(payment_intent_id="pi_2"))
    # Then
    assert (recorded.payment_intent_id, intent.payment_intent_id) == ("pi_1", "pi_1")
    assert payments.rows["pay_1"].status == "requires_confirmation"


# Ends of our own making


REASON = LastPaymentError("a_reason", None, "Because.")


def test_an_end_is_written_with_its_reason(recorder: Recorder, payments: FakePayments) -> None:
    # Given
    payment = payments.put(a_pending_payment())
    # When
    ended = recorder.end(payment, "refused", REASON)
    # Then
    assert payments.rows["pay_1"] == ended
    assert (ended.status, ended.last_payment_error, ended.version) == ("refused", REASON, 2)
    (line,) = ended.history
    assert (line.from_status, line.to_status, line.by) == ("pending", "refused", "webhook")


@pytest.mark.parametrize("status", ["succeeded", "canceled", "refused"])
def test_what_is_decided_or_has_ended_so_already_is_not_ended_again(
    recorder: Recorder, payments: FakePayments, status: str
) -> None:
    payment = payments.put(a_payment(status=status))
    assert recorder.end(payment, "refused", REASON) == payment
    assert payments.records == 0


def test_who_has_written_since_knows_better_than_an_end(
    recorder: Recorder, payments: FakePayments
) -> None:
    # Given
    payment = payments.put(a_pending_payment())
    payments.before_writes.add(lambda: payments.put(a_payment()))
    # When, then
    assert recorder.end(payment, "refused", REASON) == a_payment()
    assert payments.rows["pay_1"] == a_payment()


@pytest.mark.parametrize("status", ["refused", "mismatched", "lost_at_stripe", "expired"])
def test_an_end_of_ours_yields_to_what_stripe_shows_later(
    recorder: Recorder, payments: FakePayments, status: str
) -> None:
    # Given
    ended = recorder.end(payments.put(a_pending_payment()), status, REASON)
    assert ended.is_closed
    # When
    recorded, _ = recorder.payment(ended, an_intent())
    # Then
    assert (recorded.status, recorded.payment_intent_id) == ("requires_confirmation", "pi_1")
    assert recorded.last_payment_error is None
    assert not recorded.is_closed
    assert [line.to_status for line in recorded.history] == [status, "requires_confirmation"]


def test_a_payment_is_lost_if_its_own_accounts_key_does_not_see_it(
    recorder: Recorder, payments: FakePayments
) -> None:
    # Given
    payment = payments.put(a_payment())
    # When
    lost = recorder.lost(payment)
    # Then
    assert payments.rows["pay_1"] == lost
    assert lost.status == "lost_at_stripe"
    assert lost.last_payment_error
    assert lost.last_payment_error.code == "lost_at_stripe"


@pytest.mark.parametrize(
    ("ours", "theirs"), [("acct_other", "acct_till"), (None, "acct_till"), ("acct_till", None)]
)
def test_with_a_key_of_another_account_or_nobody_knows_which_nothing_is_lost(
    recorder: Recorder,
    stripe: FakeStripe,
    payments: FakePayments,
    ours: str | None,
    theirs: str | None,
) -> None:
    # Given
    payment = payments.put(a_payment(account_id=ours))
    stripe.account = theirs
    # When, then
    with pytest.raises(StripeRejectedError):
        recorder.lost(payment)
    assert payments.records == 0


def test_what_has_succeeded_is_never_lost(recorder: Recorder, payments: FakePayments) -> None:
    payment = payments.put(a_payment(status="succeeded"))
    assert recorder.lost(payment) == payment
    assert payments.records == 0
