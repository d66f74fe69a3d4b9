"""Bring one payment up to date, wherever it stopped."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from payments.domain.account import Accounts, Stay, accounts_with
from payments.domain.clock import now
from payments.domain.errors import (
    CustomerMissingError,
    PaymentMethodNotFoundError,
    PaymentRefusedError,
    StripeUnavailableError,
    ValidationError,
)
from payments.domain.payment import Payment
from payments.recorder import Recorder
from payments.use_cases import bring_up_to_date as module
from payments.use_cases.bring_up_to_date import Result
from tests.support.fakes.repositories import FakePayments, FakeRefunds
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.unit.builders import ADA, a_payment, a_pending_payment, ago, an_open_payment


@pytest.fixture(autouse=True)
def _ada(stripe: FakeStripe) -> None:
    """Ada has a card."""
    stripe.has_customer(ADA)
    stripe.has_card("pm_card", "succeed")


def bring_up_to_date(
    payment_id: str,
    *,
    recorder: Recorder,
    accounts: Accounts | None = None,
    abandoned_before: datetime | None = None,
) -> Result:
    """As in the first run ever, if no accounts are given."""
    account_id = recorder.stripe.account_id()
    if account_id and accounts is None:
        accounts = accounts_with(account_id, at=now(), before=())
    return module.bring_up_to_date(
        payment_id,
        recorder=recorder,
        refunds=FakeRefunds(recorder.payments),
        accounts=accounts,
        abandoned_before=abandoned_before,
    )


def a_changed_account(*, hours_ago: float = 1) -> Accounts:
    """The key was another account's, and ours since then."""
    changed = ago(hours=hours_ago)
    return Accounts((Stay("acct_before", ago(days=9), changed), Stay("acct_till", changed, now())))


def a_day_ago() -> datetime:
    """When what is abandoned by now was last touched."""
    return datetime.now(UTC) - timedelta(days=1)


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


def test_an_interrupted_creation_is_finished_and_the_row_learns_whose_it_is(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    payments.put(a_pending_payment())
    assert bring_up_to_date("pay_1", recorder=recorder) is Result.FINISHED
    assert [payments.rows["pay_1"].payment_intent_id] == [*stripe.intents]
    assert payments.rows["pay_1"].account_id == "acct_till"
    assert bring_up_to_date("pay_1", recorder=recorder) is Result.UNCHANGED


@pytest.mark.parametrize(
    "refusal",
    [
        PaymentMethodNotFoundError(),
        CustomerMissingError(),
        ValidationError([("amount", "too small")]),
        PaymentRefusedError(code="parameter_unknown", param="nonsense"),
    ],
)
def test_a_creation_that_stripe_refuses_is_no_failure(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments, refusal: Exception
) -> None:
    payments.put(a_pending_payment())
    stripe.fail_before("create_payment_intent", refusal)
    assert bring_up_to_date("pay_1", recorder=recorder) is Result.REFUSED
    assert payments.rows["pay_1"].status == "refused"
    assert bring_up_to_date("pay_1", recorder=recorder) is Result.UNCHANGED


def test_a_refusal_to_show_an_intent_that_may_have_been_charged_ends_nothing(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    payment = an_open_payment(stripe, payments)
    refusal = PaymentRefusedError(code="parameter_unknown", param="expand")
    stripe.fail_before("retrieve_payment_intent", refusal)
    with pytest.raises(PaymentRefusedError):
        bring_up_to_date("pay_1", recorder=recorder, abandoned_before=a_day_ago())
    assert payments.rows["pay_1"] == payment


@pytest.mark.parametrize(
    ("refused", "result", "status"),
    [
        ("retrieve_payment_intent", Result.LOST, "lost_at_stripe"),
        ("cancel_payment_intent", Result.REFUSED, "refused"),
    ],
)
def test_a_refusal_about_what_was_abandoned_ends_it_with_its_reason(
    recorder: Recorder,
    stripe: FakeStripe,
    payments: FakePayments,
    refused: str,
    result: Result,
    status: str,
) -> None:
    an_open_payment(stripe, payments, updated_at=ago(hours=25))
    stripe.fail_before(refused, PaymentRefusedError(code="parameter_unknown", param="expand"))
    before = a_day_ago()
    assert bring_up_to_date("pay_1", recorder=recorder, abandoned_before=before) is result
    row = payments.rows["pay_1"]
    assert row.last_payment_error
    assert (row.status, row.last_payment_error.code) == (status, "parameter_unknown")
    # When Stripe shows it after all
    assert bring_up_to_date("pay_1", recorder=recorder) is Result.CHANGED
    assert payments.rows["pay_1"].status == "requires_confirmation"


@pytest.mark.parametrize("changes", [{"created_at": ago(hours=25)}, {"key_generation": 2}])
def test_a_refusal_to_look_for_an_intent_ends_the_payment_with_its_reason(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments, changes: dict[str, Any]
) -> None:
    payments.put(a_pending_payment(**changes))
    refusal = PaymentRefusedError(code=None, param="created")
    stripe.fail_before("find_payment_intent", refusal)
    result = bring_up_to_date("pay_1", recorder=recorder, abandoned_before=a_day_ago())
    assert result is Result.REFUSED
    row = payments.rows["pay_1"]
    assert row.last_payment_error
    assert (row.status, row.last_payment_error.code) == ("refused", "created")


def test_a_refusal_to_show_the_intent_of_a_payment_that_is_over_ends_nothing(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    payment = an_open_payment(stripe, payments, status="mismatched")
    refusal = PaymentRefusedError(code="parameter_unknown", param="expand")
    stripe.fail_before("retrieve_payment_intent", refusal)
    with pytest.raises(PaymentRefusedError):
        bring_up_to_date("pay_1", recorder=recorder)
    assert payments.rows["pay_1"] == payment


@pytest.mark.parametrize("status", ["refused", "expired"])
def test_what_ended_without_an_intent_goes_on_with_the_one_that_stripe_has_after_all(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments, status: str
) -> None:
    stripe.has_intent(payments.put(a_pending_payment(status=status)))
    assert bring_up_to_date("pay_1", recorder=recorder) is Result.FINISHED
    assert payments.rows["pay_1"].status == "requires_confirmation"
    assert "create_payment_intent" not in stripe.names_of_calls()


def test_a_creation_that_never_worked_expires_by_its_age_however_often_it_was_tried(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    # Given a row that was written to a minute ago: Stripe failed, and its key moved on
    payments.put(
        a_pending_payment(created_at=ago(hours=25), updated_at=ago(minutes=1), key_generation=9)
    )
    # When
    result = bring_up_to_date("pay_1", recorder=recorder, abandoned_before=a_day_ago())
    # Then
    row = payments.rows["pay_1"]
    assert result is Result.EXPIRED
    assert (row.status, row.is_closed) == ("expired", True)
    assert row.last_payment_error
    assert row.last_payment_error.code == "expired"
    assert stripe.names_of_calls() == ["find_payment_intent"]


def test_an_old_creation_that_stripe_knows_does_not_expire(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    stripe.has_intent(payments.put(a_pending_payment(created_at=ago(hours=25))))
    result = bring_up_to_date("pay_1", recorder=recorder, abandoned_before=a_day_ago())
    assert result is Result.FINISHED
    assert payments.rows["pay_1"].payment_intent_id == "pi_1"


def test_nothing_expires_while_stripe_does_not_answer(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    payment = payments.put(a_pending_payment(created_at=ago(hours=25)))
    stripe.fail_before("find_payment_intent", StripeUnavailableError())
    with pytest.raises(StripeUnavailableError):
        bring_up_to_date("pay_1", recorder=recorder, abandoned_before=a_day_ago())
    assert payments.rows["pay_1"] == payment


def test_a_payment_whose_intent_our_key_no_longer_sees_is_lost(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    an_open_payment(stripe, payments)
    stripe.forget_intent("pi_1")
    assert bring_up_to_date("pay_1", recorder=recorder) is Result.LOST
    assert payments.rows["pay_1"].status == "lost_at_stripe"
    assert bring_up_to_date("pay_1", recorder=recorder) is Result.LOST
    assert payments.records == 1


def test_a_lost_payment_that_is_seen_again_goes_on(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    an_open_payment(stripe, payments, status="lost_at_stripe")
    assert bring_up_to_date("pay_1", recorder=recorder) is Result.CHANGED
    assert payments.rows["pay_1"].status == "requires_confirmation"


def test_with_another_accounts_key_nothing_is_asked_and_nothing_settled(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    payment = an_open_payment(stripe, payments, account_id="acct_before")
    assert bring_up_to_date("pay_1", recorder=recorder) is Result.OTHER_ACCOUNT
    assert payments.rows["pay_1"] == payment
    assert stripe.calls == []


def test_a_key_that_may_not_name_its_account_still_brings_payments_up_to_date(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    an_open_payment(stripe, payments)
    stripe.account = None
    stripe.cancel("pi_1")
    assert bring_up_to_date("pay_1", recorder=recorder) is Result.CANCELED
    assert payments.rows["pay_1"].account_id == "acct_till"


def test_a_row_that_does_not_know_its_account_learns_it(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    an_open_payment(stripe, payments, account_id=None)
    assert bring_up_to_date("pay_1", recorder=recorder) is Result.CHANGED
    assert payments.rows["pay_1"].account_id == "acct_till"
    assert payments.rows["pay_1"].history == ()


def test_a_row_from_before_the_account_changed_belongs_to_the_account_before(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    # Given a creation that was cut off, and that this account would refuse
    payment = payments.put(a_pending_payment(created_at=ago(hours=26), stripe_customer_id="cus_x"))
    # When
    result = bring_up_to_date(
        "pay_1", recorder=recorder, accounts=a_changed_account(), abandoned_before=a_day_ago()
    )
    # Then
    assert result is Result.OTHER_ACCOUNT
    assert payments.rows["pay_1"] == payment
    assert stripe.calls == []


def test_a_row_from_after_the_account_changed_is_ours(
    recorder: Recorder, payments: FakePayments
) -> None:
    payments.put(a_payment(created_at=ago(minutes=30), account_id=None))
    result = bring_up_to_date("pay_1", recorder=recorder, accounts=a_changed_account())
    assert result is Result.LOST
    assert payments.rows["pay_1"].status == "lost_at_stripe"


@pytest.mark.parametrize("build", [a_payment, a_pending_payment])
def test_a_row_from_while_the_account_changed_is_ours_if_stripe_finds_it(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments, build: Callable[..., Payment]
) -> None:
    stripe.has_intent(payments.put(build(created_at=ago(hours=1), account_id=None)))
    result = bring_up_to_date("pay_1", recorder=recorder, accounts=a_changed_account())
    assert result is Result.CHANGED
    row = payments.rows["pay_1"]
    assert (row.account_id, row.payment_intent_id) == ("acct_till", "pi_1")


@pytest.mark.parametrize("build", [a_payment, a_pending_payment])
def test_a_row_from_while_the_account_changed_is_not_settled_if_stripe_does_not_find_it(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments, build: Callable[..., Payment]
) -> None:
    payment = payments.put(build(created_at=ago(hours=1), account_id=None))
    result = bring_up_to_date(
        "pay_1",
        recorder=recorder,
        accounts=a_changed_account(),
        abandoned_before=datetime.now(UTC),
    )
    assert result is Result.ACCOUNT_UNKNOWN
    assert payments.rows["pay_1"] == payment
    assert "create_payment_intent" not in stripe.names_of_calls()


@pytest.mark.parametrize(
    ("build", "status"), [(a_payment, "lost_at_stripe"), (a_pending_payment, "expired")]
)
def test_after_a_day_with_the_same_account_it_is_settled(
    recorder: Recorder, payments: FakePayments, build: Callable[..., Payment], status: str
) -> None:
    payments.put(build(created_at=ago(hours=25), account_id=None))
    bring_up_to_date(
        "pay_1",
        recorder=recorder,
        accounts=a_changed_account(hours_ago=25),
        abandoned_before=a_day_ago(),
    )
    assert payments.rows["pay_1"].status == status
