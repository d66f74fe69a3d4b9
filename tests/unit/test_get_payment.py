"""Get: one payment, as Stripe sees it now."""

import pytest

from payments.domain.customer import User
from payments.domain.errors import PaymentNotFoundError
from payments.recorder import Recorder
from payments.use_cases.get_payment import get_payment
from tests.support.fakes.repositories import FakePayments
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.unit.builders import ADA, BOB, a_payment, a_pending_payment


def test_a_payment_is_shown_as_stripe_sees_it_now(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    # Given a row that does not know about the success
    stripe.has_intent(payments.put(a_payment()))
    stripe.has_customer(ADA)
    stripe.has_card()
    stripe.confirm_payment_intent("pi_1", cvc_token=stripe.has_cvc_token("cvctok_1"))
    stripe.calls.clear()
    # When
    payment, intent = get_payment("pay_1", user=ADA, recorder=recorder)
    # Then
    assert intent == stripe.intent("pi_1")
    assert payment.status == "succeeded"
    assert payments.rows["pay_1"] == payment
    assert stripe.names_of_calls() == ["retrieve_payment_intent"]


def test_a_pending_payment_is_shown_without_asking_stripe(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    # Given
    pending = payments.put(a_pending_payment())
    # When, then
    assert get_payment("pay_1", user=ADA, recorder=recorder) == (pending, None)
    assert stripe.calls == []


@pytest.mark.parametrize(
    ("payment_id", "user", "livemode"),
    [("pay_none", ADA, False), ("pay_1", BOB, False), ("pay_1", ADA, True)],
    ids=["none", "someone else's", "of the other mode"],
)
def test_a_payment_that_is_not_ones_own_is_not_found(
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
        get_payment(payment_id, user=user, recorder=recorder)
    assert stripe.calls == []
