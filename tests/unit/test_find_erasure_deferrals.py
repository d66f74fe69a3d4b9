"""What puts off the erasure of a person, and what does not."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from payments.domain.errors import (
    PaymentRefusedError,
    PermissionMissingError,
    RowUnreadableError,
    StripeUnavailableError,
)
from payments.domain.payment_intent import Dispute
from payments.domain.person import Deferral
from payments.use_cases.find_erasure_deferrals import find_erasure_deferrals
from tests.support.fakes.repositories import FakePayments
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.unit.builders import ADA, BOB, a_payment, a_pending_payment

Find = Callable[..., list[Deferral]]


@pytest.fixture
def find(stripe: FakeStripe, payments: FakePayments) -> Find:
    """Looks for what defers Ada's erasure."""
    customer = stripe.has_customer(ADA)
    return partial(
        find_erasure_deferrals, ADA.user_id, {customer}, stripe=stripe, payments=payments
    )


def test_nothing_defers_it_once_everything_is_over(find: Find, payments: FakePayments) -> None:
    for status in ("succeeded", "canceled", "refused", "expired", "mismatched", "lost_at_stripe"):
        payments.put(a_payment(payment_id=f"pay_{status}", status=status))
    assert find() == []


@pytest.mark.parametrize(
    "payment",
    [
        a_pending_payment(),
        *(
            a_payment(status=status)
            for status in (
                "requires_payment_method",
                "requires_confirmation",
                "requires_action",
                "processing",
                "requires_capture",
                "a_status_of_tomorrow",
            )
        ),
        a_payment(status="succeeded", replaced_card="pm_earlier"),
    ],
    ids=lambda payment: payment.status,
)
def test_an_open_payment_defers_it_and_is_named(
    find: Find, payments: FakePayments, payment: Any
) -> None:
    payments.put(payment)
    assert find() == [Deferral("open_payment", "pay_1")]


@pytest.mark.parametrize(
    "status",
    [
        "needs_response",
        "under_review",
        "warning_needs_response",
        "warning_under_review",
        "a_status_of_tomorrow",
    ],
)
def test_a_dispute_or_an_inquiry_that_is_not_over_defers_it(
    find: Find, payments: FakePayments, status: str
) -> None:
    over = Dispute("du_1", "won")
    payments.put(a_payment(status="succeeded", disputes=(over, Dispute("du_2", status))))
    assert find() == [Deferral("dispute", "pay_1")]


def test_so_does_the_dispute_of_a_row_from_before_disputes_were_stored(
    find: Find, payments: FakePayments
) -> None:
    payments.put(a_payment(status="succeeded", dispute_status="under_review"))
    assert find() == [Deferral("dispute", "pay_1")]


@pytest.mark.parametrize("status", ["won", "lost", "warning_closed", "prevented"])
def test_a_dispute_that_is_over_does_not(find: Find, payments: FakePayments, status: str) -> None:
    disputes = (Dispute("du_1", status),)
    payments.put(a_payment(status="succeeded", disputes=disputes, dispute_status=status))
    assert find() == []


def test_every_payment_is_looked_at(find: Find, payments: FakePayments) -> None:
    for number in range(250):
        payments.put(a_payment(payment_id=f"pay_{number:03}", status="succeeded"))
    payments.put(a_payment(payment_id="pay_first", created_at="2020-01-01T00:00:00.000Z"))
    payments.put(a_payment(payment_id="pay_of_bob", user_id=BOB.user_id))
    assert find() == [Deferral("open_payment", "pay_first")]


def test_what_others_made_for_the_customer_at_stripe_defers_it(
    find: Find, stripe: FakeStripe
) -> None:
    stripe.subscribed.add("cus_ada")
    stripe.invoiced.add("cus_ada")
    assert find() == [Deferral("subscription"), Deferral("invoice")]


def test_each_customer_of_theirs_is_looked_at_and_each_reason_told_once(
    stripe: FakeStripe, payments: FakePayments
) -> None:
    customers = {stripe.has_customer(ADA, "cus_1"), stripe.has_customer(ADA, "cus_2")}
    stripe.subscribed |= customers
    stripe.invoiced.add("cus_2")
    found = find_erasure_deferrals(ADA.user_id, customers, stripe=stripe, payments=payments)
    assert found == [Deferral("subscription"), Deferral("invoice")]


@pytest.mark.parametrize(
    "error",
    [
        PermissionMissingError("the key lacks a right: rak_subscription_read"),
        PaymentRefusedError(code=None, param=None),
    ],
)
def test_what_cannot_be_checked_defers_it_and_is_told(
    find: Find, stripe: FakeStripe, log: Callable[[], list[dict[str, Any]]], error: Exception
) -> None:
    stripe.fail_before("has_unended_subscriptions", error)
    assert find() == [Deferral("unchecked")]
    (line,) = log()
    assert line["message"] == "what defers an erasure could not be checked"
    assert line["what"] == "subscription"


def test_a_customer_that_stripe_does_not_know_has_nothing(
    stripe: FakeStripe, payments: FakePayments
) -> None:
    assert find_erasure_deferrals(ADA.user_id, {"cus_gone"}, stripe=stripe, payments=payments) == []


def test_nothing_is_concluded_while_stripe_or_a_row_cannot_be_read(
    find: Find, stripe: FakeStripe, payments: FakePayments, monkeypatch: pytest.MonkeyPatch
) -> None:
    stripe.fail_before("has_unsettled_invoices", StripeUnavailableError())
    with pytest.raises(StripeUnavailableError):
        find()

    def unreadable(*_: object, **__: object) -> Any:
        raise RowUnreadableError("KeyError: 'amount'")

    monkeypatch.setattr(payments, "list_for_user", unreadable)
    with pytest.raises(RowUnreadableError):
        find()
