"""A card that stayed for a payment is detached once that is over."""

from functools import partial

import pytest

from payments.domain.errors import StripeUnavailableError
from payments.recorder import Recorder
from payments.use_cases import bring_up_to_date as use_case
from payments.use_cases.bring_up_to_date import Result
from payments.use_cases.release_replaced_card import release_replaced_card
from tests.support.fakes.repositories import FakePayments, FakeRefunds
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.unit.builders import a_payment, a_pending_payment, an_open_payment

bring_up_to_date = partial(use_case.bring_up_to_date, accounts=None)

pytestmark = pytest.mark.usefixtures("ada_is_a_customer")


@pytest.fixture(autouse=True)
def _the_card(stripe: FakeStripe) -> None:
    stripe.has_card("pm_card")


def is_attached(stripe: FakeStripe, card: str = "pm_card") -> bool:
    """Whether Ada still has the card at Stripe."""
    return stripe.cards[card].stripe_customer_id == "cus_ada"


def test_while_the_payment_is_open_the_card_stays(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    an_open_payment(stripe, payments, replaced_card="pm_card")
    assert (
        bring_up_to_date("pay_1", refunds=FakeRefunds(recorder.payments), recorder=recorder)
        is Result.UNCHANGED
    )
    assert is_attached(stripe)
    assert payments.rows["pay_1"].replaced_card == "pm_card"


def test_reconciliation_detaches_it_once_the_payment_is_over(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    an_open_payment(stripe, payments, replaced_card="pm_card")
    stripe.cancel("pi_1")
    assert (
        bring_up_to_date("pay_1", refunds=FakeRefunds(recorder.payments), recorder=recorder)
        is Result.CANCELED
    )
    assert not is_attached(stripe)
    row = payments.rows["pay_1"]
    assert (row.status, row.replaced_card, row.has_work_left) == ("canceled", None, False)


def test_a_payment_that_ended_without_an_intent_lets_go_of_its_card_too(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    payments.put(a_pending_payment(status="expired", replaced_card="pm_card"))
    assert (
        bring_up_to_date("pay_1", refunds=FakeRefunds(recorder.payments), recorder=recorder)
        is Result.UNCHANGED
    )
    assert not is_attached(stripe)
    assert not payments.rows["pay_1"].has_work_left


def test_what_fails_is_done_by_the_next_run(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    an_open_payment(stripe, payments, status="succeeded", replaced_card="pm_card")
    stripe.edit("pi_1", status="succeeded", amount_received=1099)
    stripe.fail_before("detach_payment_method", StripeUnavailableError())
    with pytest.raises(StripeUnavailableError):
        bring_up_to_date("pay_1", refunds=FakeRefunds(recorder.payments), recorder=recorder)
    assert payments.rows["pay_1"].has_work_left
    # When its answer is lost
    stripe.fail_after("detach_payment_method", StripeUnavailableError())
    with pytest.raises(StripeUnavailableError):
        bring_up_to_date("pay_1", refunds=FakeRefunds(recorder.payments), recorder=recorder)
    assert payments.rows["pay_1"].has_work_left
    # Then
    bring_up_to_date("pay_1", refunds=FakeRefunds(recorder.payments), recorder=recorder)
    assert not is_attached(stripe)
    assert not payments.rows["pay_1"].has_work_left


def test_another_payment_that_needs_the_card_keeps_it(
    stripe: FakeStripe, payments: FakePayments
) -> None:
    over = payments.put(a_payment(status="succeeded", replaced_card="pm_card"))
    other = payments.put(a_payment(payment_id="pay_2", replaced_card="pm_card"))
    # When
    assert release_replaced_card(over, stripe=stripe, payments=payments)
    # Then the other one lets go of it
    assert is_attached(stripe)
    assert payments.rows["pay_1"].replaced_card is None
    assert not release_replaced_card(other, stripe=stripe, payments=payments)


def test_a_payment_with_another_card_needs_it_no_more(
    stripe: FakeStripe, payments: FakePayments
) -> None:
    row = payments.put(a_payment(payment_method_id="pm_other", replaced_card="pm_card"))
    assert release_replaced_card(row, stripe=stripe, payments=payments)
    assert not is_attached(stripe)
    assert payments.rows["pay_1"].replaced_card is None


def test_whoever_writes_meanwhile_loses_nothing(stripe: FakeStripe, payments: FakePayments) -> None:
    row = payments.put(a_payment(status="succeeded", replaced_card="pm_card"))
    payments.before_writes.add(
        lambda: payments.put(a_payment(status="succeeded", replaced_card="pm_card", version=9))
    )
    assert release_replaced_card(row, stripe=stripe, payments=payments)
    assert payments.rows["pay_1"].replaced_card == "pm_card"  # reconciliation comes again
