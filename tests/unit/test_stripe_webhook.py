"""What a Stripe event leads to."""

from typing import Any

import pytest

from payments.domain.errors import (
    CustomerMissingError,
    FailureRememberedError,
    PaymentIntentMissingError,
    PaymentMethodNotFoundError,
    PaymentNotFoundError,
    PaymentRefusedError,
    RateLimitedError,
    ServiceUnavailableError,
    StripeRejectedError,
    StripeUnavailableError,
    ValidationError,
)
from payments.domain.payment_intent import Refund
from payments.domain.stripe_event import EventOutcome
from payments.recorder import Recorder
from payments.use_cases.stripe_webhook import HANDLERS, payment_method_changed, stripe_webhook
from tests.support.fakes.repositories import FakeCustomers, FakePayments
from tests.support.fakes.stripe_gateway import FakeStripe, declined
from tests.unit.builders import ADA, a_customer, a_payment, a_pending_payment, an_event, an_intent


@pytest.fixture(autouse=True)
def _ada(stripe: FakeStripe, payments: FakePayments) -> None:
    """Ada has started to pay."""
    stripe.has_customer(ADA)
    stripe.has_card("pm_card", "succeed")
    stripe.has_intent(payments.put(a_payment()))


def history_of(payments: FakePayments) -> list[tuple[str, str]]:
    """The payment's history: the statuses, and who noticed."""
    return [(change.to_status, change.by) for change in payments.rows["pay_1"].history]


def test_the_table_has_every_type_that_is_promised() -> None:
    assert {name.rpartition(".")[0] for name in HANDLERS} == {
        "payment_intent",
        "charge",
        "charge.dispute",
        "charge.refund",
        "refund",
        "review",
        "radar.early_fraud_warning",
        "setup_intent",
        "payment_method",
        "customer",
    }


def test_an_unknown_type_is_reported_as_such(recorder: Recorder, stripe: FakeStripe) -> None:
    assert stripe_webhook(an_event("invoice.paid"), recorder) is EventOutcome.UNKNOWN_TYPE
    assert stripe.calls == []


def test_what_stripe_says_is_recorded_not_what_the_event_says(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    # Given an event from before the payment succeeded
    stripe.has_cvc_token("cvctok_1")
    stripe.confirm_payment_intent(
        "pi_1", payment=a_payment(), payment_method_id="pm_card", cvc_token="cvctok_1"
    )
    event = an_event(
        "payment_intent.requires_action", payment_intent=an_intent(status="requires_action")
    )
    # When, then
    assert stripe_webhook(event, recorder) is EventOutcome.RECORDED
    assert payments.rows["pay_1"].status == "succeeded"
    assert history_of(payments) == [("succeeded", "webhook")]


def test_an_event_that_the_row_knows_costs_no_call(recorder: Recorder, stripe: FakeStripe) -> None:
    event = an_event("payment_intent.created", payment_intent=an_intent())
    assert stripe_webhook(event, recorder) is EventOutcome.KNOWN
    assert stripe.calls == []


def test_a_late_event_of_a_payment_that_is_final_costs_no_call(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    payments.put(a_payment(status="succeeded"))
    event = an_event(
        "payment_intent.requires_action", payment_intent=an_intent(status="requires_action")
    )
    assert stripe_webhook(event, recorder) is EventOutcome.KNOWN
    assert stripe.calls == []


def test_another_reason_for_a_decline_is_looked_at(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    payments.put(
        a_payment(status="requires_payment_method", last_payment_error=declined("lost_card"))
    )
    event = an_event(
        "payment_intent.payment_failed",
        payment_intent=an_intent(
            status="requires_payment_method", last_payment_error=declined("stolen_card")
        ),
    )
    assert stripe_webhook(event, recorder) is EventOutcome.RECORDED
    assert stripe.names_of_calls() == ["retrieve_payment_intent"]


def test_a_duplicate_changes_nothing(recorder: Recorder, stripe: FakeStripe) -> None:
    stripe.cancel("pi_1")
    event = an_event("payment_intent.canceled", payment_intent=an_intent(status="canceled"))
    assert stripe_webhook(event, recorder) is EventOutcome.RECORDED
    assert stripe_webhook(event, recorder) is EventOutcome.KNOWN


def test_an_event_finishes_a_creation_whose_answer_was_lost(
    recorder: Recorder, payments: FakePayments
) -> None:
    payments.put(a_pending_payment())
    event = an_event("payment_intent.created", payment_intent=an_intent())
    assert stripe_webhook(event, recorder) is EventOutcome.RECORDED
    assert payments.rows["pay_1"].payment_intent_id == "pi_1"


@pytest.mark.parametrize(
    "changes",
    [
        {"livemode": True},
        {"connected": True},
        {"connected": True, "understood": False},
        {"payment_intent_id": "pi_of_another_payment"},
        {"payment_intent_id": None},
    ],
)
def test_what_is_not_ours_is_left_alone(
    recorder: Recorder, payments: FakePayments, changes: dict[str, object]
) -> None:
    event = an_event(
        "payment_intent.succeeded", payment_intent=an_intent(status="succeeded"), **changes
    )
    assert stripe_webhook(event, recorder) is EventOutcome.NOT_OURS
    assert payments.records == 0


def test_a_payment_is_found_by_its_intent_though_the_metadata_were_removed(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    stripe.edit("pi_1", payment_id=None)
    stripe.cancel("pi_1")
    assert stripe_webhook(an_event("payment_intent.canceled"), recorder) is EventOutcome.RECORDED
    assert payments.rows["pay_1"].status == "canceled"


@pytest.mark.parametrize("named", [None, "pay_of_another_stack"])
def test_an_intent_that_names_no_payment_of_ours_is_not_ours(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments, named: str | None
) -> None:
    stripe.has_intent(a_payment(payment_intent_id="pi_2"))
    stripe.edit("pi_2", payment_id=named)
    event = an_event("payment_intent.succeeded", payment_intent_id="pi_2")
    assert stripe_webhook(event, recorder) is EventOutcome.NOT_OURS
    assert payments.records == 0


@pytest.mark.parametrize(
    "difference", [{"amount": 50}, {"currency": "usd"}, {"stripe_customer_id": "cus_else"}]
)
def test_an_intent_with_copied_metadata_is_not_believed(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments, difference: dict[str, Any]
) -> None:
    # Given a payment without an intent, and somebody's intent that names it and was paid
    payments.put(a_pending_payment())
    stripe.edit("pi_1", status="succeeded", **difference)
    # When, then
    event = an_event("payment_intent.succeeded")
    assert stripe_webhook(event, recorder) is EventOutcome.NOT_OURS
    assert payments.rows["pay_1"].status == "pending"


def test_a_payment_that_has_an_intent_takes_no_other_one(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    stripe.has_intent(a_payment(payment_intent_id="pi_2"))
    stripe.edit("pi_2", status="succeeded")
    event = an_event("payment_intent.succeeded", payment_intent_id="pi_2")
    assert stripe_webhook(event, recorder) is EventOutcome.NOT_OURS
    assert payments.rows["pay_1"].payment_intent_id == "pi_1"


@pytest.mark.parametrize(("stack", "told"), [("till-test", 1), ("till-other", 0), (None, 0)])
def test_a_payment_of_this_stack_without_a_row_is_told_loudly(
    recorder: Recorder,
    stripe: FakeStripe,
    payments: FakePayments,
    caplog: pytest.LogCaptureFixture,
    stack: str | None,
    told: int,
) -> None:
    payments.rows.clear()
    stripe.edit("pi_1", stack=stack)
    assert stripe_webhook(an_event("payment_intent.succeeded"), recorder) is EventOutcome.NOT_OURS
    assert [line.message for line in caplog.records].count("payment has no row") == told


@pytest.mark.parametrize("event_type", HANDLERS)
def test_what_is_not_understood_is_told_as_such_and_costs_no_call(
    recorder: Recorder, stripe: FakeStripe, event_type: str
) -> None:
    event = an_event(event_type, understood=False)
    assert stripe_webhook(event, recorder) is EventOutcome.NOT_UNDERSTOOD
    assert stripe.calls == []


@pytest.mark.parametrize("understood", [True, False])
def test_the_type_decides_before_anything_else(recorder: Recorder, understood: bool) -> None:
    unknown = an_event("v2.core.account.updated", understood=understood, connected=True)
    assert stripe_webhook(unknown, recorder) is EventOutcome.UNKNOWN_TYPE
    without_type = an_event("", understood=understood)
    assert stripe_webhook(without_type, recorder) is EventOutcome.NOT_UNDERSTOOD


def test_a_dispute_of_an_intent_that_our_key_does_not_see_is_not_ours(recorder: Recorder) -> None:
    event = an_event("charge.dispute.created", payment_intent_id="pi_of_nobody_here")
    assert stripe_webhook(event, recorder) is EventOutcome.NOT_OURS


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (PaymentIntentMissingError(), EventOutcome.NOT_OURS),
        (PaymentNotFoundError(), EventOutcome.NOT_OURS),
        (PaymentMethodNotFoundError(), EventOutcome.NOT_OURS),
        (CustomerMissingError(), EventOutcome.NOT_OURS),
        (PaymentRefusedError(code="resource_missing", param="id"), EventOutcome.NOT_UNDERSTOOD),
        (ValidationError([]), EventOutcome.NOT_UNDERSTOOD),
    ],
)
def test_what_can_never_succeed_is_an_outcome(
    recorder: Recorder,
    stripe: FakeStripe,
    payments: FakePayments,
    error: Exception,
    outcome: EventOutcome,
) -> None:
    stripe.fail_before("retrieve_payment_intent", error)
    event = an_event("charge.dispute.created")
    assert stripe_webhook(event, recorder) is outcome
    assert payments.records == 0


@pytest.mark.parametrize(
    "error",
    [
        StripeUnavailableError(),
        FailureRememberedError(),
        ServiceUnavailableError(),
        RateLimitedError(),
        StripeRejectedError("the key is not valid"),
        KeyError("a defect of ours"),
    ],
)
def test_what_may_succeed_later_has_to_come_again(
    recorder: Recorder, stripe: FakeStripe, error: Exception
) -> None:
    stripe.fail_before("retrieve_payment_intent", error)
    event = an_event("charge.dispute.created")
    with pytest.raises(type(error)):
        stripe_webhook(event, recorder)


def test_a_refund_is_recorded_once(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    _paid(stripe, payments)
    stripe.refund("pi_1", 1099)
    event = an_event("charge.refunded", amount_refunded=1099)
    assert stripe_webhook(event, recorder) is EventOutcome.RECORDED
    assert stripe_webhook(event, recorder) is EventOutcome.KNOWN
    assert stripe.names_of_calls() == ["retrieve_payment_intent"]
    assert payments.rows["pay_1"].amount_refunded == 1099
    assert history_of(payments) == [("refunded", "webhook")]


@pytest.mark.parametrize("event_type", [name for name in HANDLERS if "dispute" in name])
def test_a_dispute_finds_its_payment_through_the_intent(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments, event_type: str
) -> None:
    _paid(stripe, payments)
    stripe.dispute("pi_1", "needs_response")
    assert stripe_webhook(an_event(event_type), recorder) is EventOutcome.RECORDED
    assert payments.rows["pay_1"].dispute_status == "needs_response"
    assert history_of(payments) == [("disputed", "webhook")]


def test_an_inquiry_that_its_charge_does_not_show_is_recorded_and_stays(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    # Given a charge that says `disputed: false` of an inquiry
    _paid(stripe, payments)
    stripe.charges_hide_inquiries = True
    stripe.dispute("pi_1", "warning_needs_response")
    # When the event about it arrives, and then one about something else
    assert stripe_webhook(an_event("charge.dispute.created"), recorder) is EventOutcome.RECORDED
    stripe.refund("pi_1", 99)
    assert stripe_webhook(an_event("refund.created"), recorder) is EventOutcome.RECORDED
    # Then
    row = payments.rows["pay_1"]
    assert (row.dispute_status, row.amount_refunded) == ("warning_needs_response", 99)
    assert history_of(payments) == [("inquiry", "webhook"), ("partially_refunded", "webhook")]


def test_a_refund_that_failed_is_taken_back(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    refund = Refund("re_1", 1099, "succeeded")
    _paid(stripe, payments, refunds=(refund,), amount_refunded=1099)
    stripe.refund("pi_1", 1099, "failed")
    assert stripe_webhook(an_event("refund.failed"), recorder) is EventOutcome.RECORDED
    assert payments.rows["pay_1"].amount_refunded == 0
    assert history_of(payments) == [("refund_failed", "webhook")]


def test_a_refund_without_an_intent_is_not_ours(recorder: Recorder) -> None:
    event = an_event("refund.failed", payment_intent_id=None)
    assert stripe_webhook(event, recorder) is EventOutcome.NOT_OURS


@pytest.mark.parametrize(
    "event_type", [name for name, handle in HANDLERS.items() if handle is payment_method_changed]
)
def test_nothing_else_about_cards_is_stored(
    recorder: Recorder, stripe: FakeStripe, event_type: str
) -> None:
    assert stripe_webhook(an_event(event_type), recorder) is EventOutcome.NOT_KEPT
    assert stripe.calls == []


# Customers


def test_a_renamed_customer_is_recorded(
    recorder: Recorder, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    customers.rows["ada"] = a_customer()
    stripe.rename_customer("cus_ada", email="countess@example.com", name="Ada King")
    event = an_event("customer.updated", payment_intent_id=None, user_id="ada")
    assert stripe_webhook(event, recorder) is EventOutcome.RECORDED
    assert stripe_webhook(event, recorder) is EventOutcome.KNOWN
    row = customers.rows["ada"]
    assert (row.email, row.name, row.version) == ("countess@example.com", "Ada King", 2)


def test_a_deleted_customer_is_marked_and_never_revived_by_a_late_event(
    recorder: Recorder, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    customers.rows["ada"] = a_customer()
    stripe.forget_customer("cus_ada")
    for event_type in ("customer.deleted", "customer.updated"):
        stripe_webhook(an_event(event_type, user_id="ada"), recorder)
    assert customers.rows["ada"].deleted


def test_a_customer_that_our_key_does_not_see_is_not_called_deleted(
    recorder: Recorder, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given a customer in another account than our key's
    before = customers.rows["ada"] = a_customer()
    stripe.customers.clear()
    event = an_event("customer.updated", payment_intent_id=None, user_id="ada")
    assert stripe_webhook(event, recorder) is EventOutcome.NOT_OURS
    assert customers.rows["ada"] == before


@pytest.mark.parametrize("user_id", [None, "of_another_stack"])
def test_a_customer_of_nobody_here_is_left_alone(recorder: Recorder, user_id: str | None) -> None:
    outcome = stripe_webhook(an_event("customer.updated", user_id=user_id), recorder)
    assert outcome in {EventOutcome.NOT_OURS, EventOutcome.KNOWN}


def test_two_at_once_write_one_after_the_other(
    recorder: Recorder, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given another event that is processed between our read and our write
    customers.rows["ada"] = a_customer()
    stripe.rename_customer("cus_ada", email="first@example.com", name="Ada")

    def another() -> None:
        stripe.rename_customer("cus_ada", email="second@example.com", name="Ada")
        stripe_webhook(an_event("customer.updated", user_id="ada"), recorder)

    customers.before_writes.add(another)
    # When
    stripe_webhook(an_event("customer.updated", user_id="ada"), recorder)
    # Then
    assert customers.rows["ada"].email == "second@example.com"
    assert customers.rows["ada"].version == 2


def test_a_writer_that_is_always_too_late_says_so(
    recorder: Recorder, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    customers.rows["ada"] = a_customer()
    stripe.rename_customer("cus_ada", email="new@example.com", name="Ada")

    def outrun() -> None:
        row = customers.rows["ada"]
        customers.rows["ada"] = a_customer(version=row.version + 1)

    for _ in range(5):
        customers.before_writes.add(outrun)
    with pytest.raises(ServiceUnavailableError):
        stripe_webhook(an_event("customer.updated", user_id="ada"), recorder)


def test_when_stripe_does_not_answer_the_event_must_be_sent_again(
    recorder: Recorder, stripe: FakeStripe
) -> None:
    stripe.cancel("pi_1")
    stripe.fail_before("retrieve_payment_intent", StripeUnavailableError())
    event = an_event("payment_intent.canceled", payment_intent=an_intent(status="canceled"))
    with pytest.raises(StripeUnavailableError):
        stripe_webhook(event, recorder)
    assert stripe_webhook(event, recorder) is EventOutcome.RECORDED


def _paid(stripe: FakeStripe, payments: FakePayments, **changes: object) -> None:
    stripe.has_cvc_token("cvctok_1")
    stripe.confirm_payment_intent(
        "pi_1", payment=a_payment(), payment_method_id="pm_card", cvc_token="cvctok_1"
    )
    stripe.calls.clear()
    payments.put(a_payment(status="succeeded", **changes))
