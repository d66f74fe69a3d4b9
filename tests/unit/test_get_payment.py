"""Get: one payment, as Stripe sees it now."""

from dataclasses import replace

import pytest

from payments.domain.customer import User
from payments.domain.errors import PaymentNotFoundError, StripeRejectedError
from payments.recorder import Recorder
from payments.use_cases.get_payment import get_payment
from tests.support.fakes.repositories import FakePaymentInputs, FakePayments
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.unit.builders import ADA, BOB, a_payment, a_pending_payment


def test_a_payment_is_shown_as_stripe_sees_it_now(
    inputs: FakePaymentInputs, recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    # Given a row that does not know about the success
    stripe.has_intent(payments.put(a_payment()))
    stripe.has_customer(ADA)
    stripe.has_card()
    stripe.confirm_payment_intent(
        "pi_1", payment=a_payment(), cvc_token=stripe.has_cvc_token("cvctok_1")
    )
    stripe.calls.clear()
    # When
    payment, intent = get_payment("pay_1", user=ADA, inputs=inputs, recorder=recorder)
    # Then
    assert intent == stripe.intent("pi_1")
    assert payment.status == "succeeded"
    assert payments.rows["pay_1"] == payment
    assert stripe.names_of_calls() == ["retrieve_payment_intent"]


def test_a_pending_payment_is_shown_without_asking_stripe(
    inputs: FakePaymentInputs, recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    # Given
    pending = payments.put(a_pending_payment())
    # When, then
    assert get_payment("pay_1", user=ADA, inputs=inputs, recorder=recorder) == (pending, None)
    assert stripe.calls == []


@pytest.mark.parametrize(
    ("payment_id", "user", "livemode"),
    [("pay_none", ADA, False), ("pay_1", BOB, False), ("pay_1", ADA, True)],
    ids=["none", "someone else's", "of the other mode"],
)
def test_a_payment_that_is_not_ones_own_is_not_found(
    inputs: FakePaymentInputs,
    recorder: Recorder,
    stripe: FakeStripe,
    payments: FakePayments,
    payment_id: str,
    user: User,
    livemode: bool,
) -> None:
    # Given
    stripe.has_intent(payments.put(a_payment()))
    stripe.livemode = livemode
    # When, then
    with pytest.raises(PaymentNotFoundError):
        get_payment(payment_id, user=user, inputs=inputs, recorder=recorder)
    assert stripe.calls == []


def test_a_payment_that_our_key_no_longer_sees_is_shown_as_lost(
    inputs: FakePaymentInputs, recorder: Recorder, payments: FakePayments
) -> None:
    # Given
    payments.put(a_payment())
    # When
    payment, intent = get_payment("pay_1", user=ADA, inputs=inputs, recorder=recorder)
    # Then
    assert (payment.status, intent) == ("lost_at_stripe", None)
    assert get_payment("pay_1", user=ADA, inputs=inputs, recorder=recorder) == (payment, None)
    assert payments.records == 1


def test_a_lost_payment_that_is_seen_again_is_shown_as_it_is(
    inputs: FakePaymentInputs, recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    # Given
    stripe.has_intent(payments.put(a_payment()))
    lost = replace(a_payment(), status="lost_at_stripe")
    payments.put(lost)
    # When, then
    payment, intent = get_payment("pay_1", user=ADA, inputs=inputs, recorder=recorder)
    assert (payment.status, intent) == ("requires_confirmation", stripe.intent("pi_1"))


def test_with_another_accounts_key_nothing_is_written(
    inputs: FakePaymentInputs, recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    # Given
    payment = payments.put(a_payment())
    stripe.account = "acct_other"
    # When, then
    with pytest.raises(StripeRejectedError):
        get_payment("pay_1", user=ADA, inputs=inputs, recorder=recorder)
    assert payments.rows["pay_1"] == payment


def test_a_paid_payment_stays_paid_though_our_key_no_longer_sees_it(
    inputs: FakePaymentInputs, recorder: Recorder, payments: FakePayments
) -> None:
    payment = payments.put(a_payment(status="succeeded"))
    assert get_payment("pay_1", user=ADA, inputs=inputs, recorder=recorder) == (payment, None)


def test_a_paid_payment_whose_metadata_was_edited_is_the_same_payment(
    inputs: FakePaymentInputs, recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    # Given
    payment = payments.put(a_payment(status="succeeded"))
    stripe.has_intent(payment)
    stripe.edit(
        "pi_1", status="succeeded", amount_received=1099, payment_id="pay_edited", stack="edited"
    )
    # When
    shown, _ = get_payment("pay_1", user=ADA, inputs=inputs, recorder=recorder)
    # Then
    assert shown == payment
    assert payments.records == 0


def test_a_payment_whose_intent_is_not_what_was_bought_is_shown_as_mismatched(
    inputs: FakePaymentInputs, recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    # Given somebody who has edited the amount, and then puts it right
    stripe.has_intent(payments.put(a_payment()))
    stripe.edit("pi_1", amount=1)
    # When, then
    assert (
        get_payment("pay_1", user=ADA, inputs=inputs, recorder=recorder)[0].status == "mismatched"
    )
    stripe.edit("pi_1", amount=1099)
    assert (
        get_payment("pay_1", user=ADA, inputs=inputs, recorder=recorder)[0].status
        == "requires_confirmation"
    )
