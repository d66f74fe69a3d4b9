"""Refunds: written down first, made once, and never more than was paid."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from payments.domain.account import accounts_with
from payments.domain.clock import now
from payments.domain.errors import (
    AmountTooLargeError,
    IdempotencyKeyReusedError,
    PaymentNotFoundError,
    PaymentNotRefundableError,
    RateLimitedError,
    ServiceUnavailableError,
    StripeRejectedError,
    StripeUnavailableError,
)
from payments.domain.payment import Payment
from payments.domain.refund import RefundState, RefundWish, RequestedRefund
from payments.recorder import Recorder
from payments.use_cases.bring_up_to_date import Result, bring_up_to_date
from payments.use_cases.create_refund import create_refund
from payments.use_cases.list_refunds import list_refunds
from tests.support.fakes.repositories import FakePayments, FakeRefunds
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.unit.builders import a_payment

KEY = "refund-1234"


@dataclass
class Till:
    """A member of the staff, about to give money back for `pay_1`."""

    stripe: FakeStripe
    payments: FakePayments
    refunds: FakeRefunds
    recorder: Recorder

    def refund(
        self, amount: int | None = None, *, key: str = KEY, note: str | None = None
    ) -> RefundState:
        """Ask for it."""
        return create_refund(
            "pay_1",
            RefundWish(amount, note=note),
            idempotency_key=key,
            refunds=self.refunds,
            recorder=self.recorder,
        )

    @property
    def row(self) -> Payment:
        return self.payments.rows["pay_1"]

    def given_back(self) -> list[int]:
        """The refunds that Stripe has."""
        return [each.amount for each in self.stripe.intent("pi_1").refunds]


@pytest.fixture
def till(stripe: FakeStripe, payments: FakePayments, recorder: Recorder) -> Till:
    """With a payment of 10.99 EUR that succeeded."""
    payment = payments.put(a_payment(status="succeeded"))
    stripe.has_intent(payment)
    stripe.edit("pi_1", status="succeeded", amount_received=1099)
    staff = replace(recorder, by="refund", actor="staff:sam")
    return Till(stripe, payments, FakeRefunds(payments), staff)


def test_a_part_is_given_back_and_told_as_stripe_has_it(till: Till) -> None:
    refund = till.refund(500, note="A torn bag")
    assert (refund.amount, refund.status, refund.note) == (500, "succeeded", "A torn bag")
    assert (till.row.amount_refunded, till.row.refund_requests) == (500, ())
    line = till.row.history[-1]
    assert (line.to_status, line.by, line.actor) == ("partially_refunded", "refund", "staff:sam")
    assert till.stripe.names_of_calls() == ["create_refund"]


def test_it_is_written_down_before_stripe_is_asked(till: Till) -> None:
    written: list[int] = []
    till.stripe.meanwhile(
        "create_refund",
        lambda: written.extend(request.amount for request in till.row.refund_requests),
    )
    till.refund(500)
    assert written == [500]


def test_the_same_request_gets_the_same_refund_however_often(till: Till) -> None:
    first = till.refund(500)
    assert till.refund(500) == first
    assert till.given_back() == [500]


def test_another_body_with_the_same_key_is_refused(till: Till) -> None:
    till.refund(500)
    for amount, note in ((501, None), (None, None), (500, "why")):
        with pytest.raises(IdempotencyKeyReusedError):
            till.refund(amount, note=note)
    assert till.given_back() == [500]


def test_two_equal_parts_under_two_keys_are_two(till: Till) -> None:
    first, second = till.refund(500, key="refund-1111"), till.refund(500, key="refund-2222")
    assert first.refund_id != second.refund_id
    assert till.given_back() == [500, 500]


def test_without_an_amount_all_that_is_left_is_given_back(till: Till) -> None:
    till.stripe.refund("pi_1", 99)  # in the dashboard, and the row does not know it yet
    assert till.refund().amount == 1000
    assert till.row.history[-1].to_status == "refunded"


def test_more_than_is_left_is_refused_and_nothing_is_written(till: Till) -> None:
    till.refund(1000, key="refund-0000")
    with pytest.raises(AmountTooLargeError):
        till.refund(100)
    assert len(till.refunds.rows) == 1
    assert till.given_back() == [1000]


def test_what_a_failed_refund_returned_may_be_given_back_again(till: Till) -> None:
    till.refund(1000, key="refund-0000")
    [made] = till.stripe.intent("pi_1").refunds
    till.stripe.edit("pi_1", refunds=(replace(made, status="failed"),), amount_refunded=0)
    assert till.refund(1099).status == "succeeded"


def test_pending_is_not_told_as_done(till: Till) -> None:
    till.stripe.refund_status = "pending"
    assert till.refund(500).status == "pending"
    assert till.row.amount_refunded == 0
    assert till.row.history[-1].to_status == "refund_pending"
    assert till.refund(500).status == "pending"


def test_stripes_refusal_releases_the_amount_and_is_repeated(till: Till) -> None:
    till.stripe.forbids_refunds = True
    for _ in range(2):
        with pytest.raises(PaymentNotRefundableError):
            till.refund(500)
    assert (till.row.refund_requests, till.row.amount_refundable) == ((), 1099)
    assert till.row.history[-1].to_status == "refund_refused"
    assert len(till.stripe.arguments_of("create_refund")) == 1
    # And later, under another key, it may work
    till.stripe.forbids_refunds = False
    assert till.refund(500, key="refund-2222").status == "succeeded"


def test_a_refund_of_the_dashboard_that_was_faster_leaves_too_little(till: Till) -> None:
    till.stripe.refund("pi_1", 1000)  # the row does not know it yet
    for _ in range(2):
        with pytest.raises(AmountTooLargeError):
            till.refund(500)
    assert till.given_back() == [1000]
    assert till.row.refund_requests == ()


@pytest.mark.parametrize("although_done", [True, False])
def test_a_500_that_stripe_remembers_leads_to_one_refund(
    till: Till, *, although_done: bool
) -> None:
    till.stripe.fail_to_refund(although_done=although_done)
    assert till.refund(500).status == "succeeded"
    assert till.given_back() == [500]
    assert till.refund(500).status == "succeeded"
    assert till.given_back() == [500]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_what_was_cut_off_is_finished_by_the_same_request(till: Till, moment: str) -> None:
    fail = till.stripe.fail_before if moment == "before" else till.stripe.fail_after
    fail("create_refund", StripeUnavailableError())
    with pytest.raises(StripeUnavailableError):
        till.refund(500)
    assert till.row.refund_requests[0].amount == 500
    assert till.refund(500).status == "succeeded"
    assert till.given_back() == [500]
    assert till.row.refund_requests == ()


def test_a_lost_write_is_found_at_stripe(till: Till) -> None:
    till.payments.before_writes.add(lambda: None)
    till.payments.before_writes.add(_raise(ServiceUnavailableError()))
    with pytest.raises(ServiceUnavailableError):
        till.refund(500)
    assert till.refund(500).status == "succeeded"
    assert till.given_back() == [500]


def test_while_the_same_request_is_under_way_it_may_be_sent_again(till: Till) -> None:
    till.stripe.fail_before("create_refund", RateLimitedError())
    with pytest.raises(RateLimitedError):
        till.refund(500)
    assert till.refund(500).status == "succeeded"


def test_what_others_reserve_meanwhile_counts(till: Till) -> None:
    till.payments.before_writes.add(lambda: till.refund(1000, key="refund-0000"))
    with pytest.raises(AmountTooLargeError):
        till.refund(500)
    assert till.given_back() == [1000]


def test_a_payment_of_the_other_mode_is_not_there(till: Till) -> None:
    till.payments.put(replace(till.row, livemode=True))
    with pytest.raises(PaymentNotFoundError):
        till.refund(500)


def test_a_payment_that_the_row_does_not_know_as_paid_is_looked_up(till: Till) -> None:
    till.payments.put(replace(till.row, status="requires_action", amount_received=0))
    assert till.refund(500).status == "succeeded"


def test_a_payment_that_took_nothing_is_not_refundable(till: Till) -> None:
    till.payments.put(replace(till.row, status="requires_capture", amount_received=0))
    till.stripe.hold("pi_1", until="2999-01-01T00:00:00.000Z")
    with pytest.raises(PaymentNotRefundableError):
        till.refund(500)
    assert till.refunds.rows == {}


def test_with_another_accounts_key_nothing_is_settled(till: Till) -> None:
    till.stripe.forget_intent("pi_1")
    till.stripe.account = "acct_other"
    with pytest.raises(StripeRejectedError):
        till.refund(500)
    assert till.row.refund_requests[0].amount == 500


def test_a_payment_that_stripe_has_lost_is_not_refundable(till: Till) -> None:
    till.stripe.forget_intent("pi_1")
    with pytest.raises(PaymentNotRefundableError):
        till.refund(500)
    assert till.row.refund_requests == ()


def test_refunds_are_listed_page_by_page(till: Till) -> None:
    for number in range(3):
        till.refund(100, key=f"refund-000{number}")
    till.stripe.refund("pi_1", 1, refund_id="re_dashboard")
    found, cursor = [], None
    while True:
        page = list_refunds(
            "pay_1", limit=3, cursor=cursor, refunds=till.refunds, recorder=till.recorder
        )
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(each.amount for each in found) == [1, 100, 100, 100]
    assert len({each.refund_id for each in found}) == 4


def _raise(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


# Reconciliation


def reconcile(till: Till, *, abandoned_before: datetime | None = None) -> Result:
    """It comes by."""
    return bring_up_to_date(
        "pay_1",
        recorder=replace(till.recorder, by="reconcile", actor="reconcile"),
        refunds=till.refunds,
        accounts=None,
        abandoned_before=abandoned_before,
    )


@pytest.mark.parametrize("moment", ["before", "after"])
def test_reconciliation_finishes_what_was_cut_off(till: Till, moment: str) -> None:
    fail = till.stripe.fail_before if moment == "before" else till.stripe.fail_after
    fail("create_refund", StripeUnavailableError())
    with pytest.raises(StripeUnavailableError):
        till.refund(500)
    reconcile(till)
    assert till.given_back() == [500]
    assert (till.row.refund_requests, till.row.has_work_left) == ((), False)
    line = till.row.history[-1]
    assert (line.to_status, line.by, line.actor) == ("partially_refunded", "reconcile", "staff:sam")


def test_reconciliation_keeps_stripes_refusal(till: Till) -> None:
    till.stripe.fail_before("create_refund", StripeUnavailableError())
    with pytest.raises(StripeUnavailableError):
        till.refund(500)
    till.stripe.forbids_refunds = True
    reconcile(till)
    with pytest.raises(PaymentNotRefundableError):
        till.refund(500)
    assert till.row.history[-1].to_status == "refund_refused"
    assert not till.row.has_work_left


def test_what_could_not_be_sent_for_too_long_is_given_up(till: Till) -> None:
    till.stripe.fail_before("create_refund", StripeUnavailableError())
    with pytest.raises(StripeUnavailableError):
        till.refund(500)
    reconcile(till, abandoned_before=datetime.now(UTC) + timedelta(minutes=1))
    assert till.given_back() == []
    assert (till.row.refund_requests, till.row.amount_refundable) == ((), 1099)
    with pytest.raises(PaymentNotRefundableError):
        till.refund(500)


def test_a_lost_answer_about_the_next_key_is_not_asked_for_again(till: Till) -> None:
    till.stripe.fail_to_refund()
    next_key = till.refunds.next_key_generation

    def lost(refund: RequestedRefund) -> RequestedRefund:
        next_key(refund)
        return next_key(refund)  # our own write is in the way

    till.refunds.next_key_generation = lost  # type: ignore[method-assign]
    assert till.refund(500).status == "succeeded"
    assert till.given_back() == [500]


def test_with_another_accounts_key_reconciliation_leaves_it(till: Till) -> None:
    till.stripe.fail_before("create_refund", StripeUnavailableError())
    with pytest.raises(StripeUnavailableError):
        till.refund(500)
    accounts = accounts_with("acct_other", at=now(), before=())
    result = bring_up_to_date(
        "pay_1", recorder=till.recorder, refunds=till.refunds, accounts=accounts
    )
    assert result is Result.OTHER_ACCOUNT
    assert till.row.refund_requests[0].amount == 500
