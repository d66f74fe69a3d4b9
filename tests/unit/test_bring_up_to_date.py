"""Bring one payment up to date, wherever it stopped."""

import pytest

from payments.domain.errors import PaymentMethodNotFoundError
from payments.recorder import Recorder
from payments.use_cases.bring_up_to_date import Result, bring_up_to_date
from tests.support.fakes.repositories import FakePayments
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.unit.builders import ADA, a_pending_payment, an_open_payment


@pytest.fixture(autouse=True)
def _ada(stripe: FakeStripe) -> None:
    """Ada has a card."""
    stripe.has_customer(ADA)
    stripe.has_card("pm_card", "succeed")


def test_a_payment_of_another_mode_is_not_touched(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    an_open_payment(stripe, payments, livemode=True)
    assert bring_up_to_date("pay_1", recorder=recorder) is Result.SKIPPED
    assert stripe.calls == []


def test_any_payment_can_be_brought_up_to_date_by_hand(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    an_open_payment(stripe, payments)
    stripe.cancel("pi_1")
    assert bring_up_to_date("pay_1", recorder=recorder) is Result.CANCELED
    assert bring_up_to_date("pay_1", recorder=recorder) is Result.UNCHANGED
    assert bring_up_to_date("pay_unknown", recorder=recorder) is Result.NOT_FOUND


def test_a_creation_refused_for_the_card_is_no_failure(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    payments.put(a_pending_payment())
    stripe.fail_before("create_payment_intent", PaymentMethodNotFoundError())
    assert bring_up_to_date("pay_1", recorder=recorder) is Result.DISCARDED
