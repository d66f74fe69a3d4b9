"""What is held is captured once, or let go; and what nothing was taken for is cancelled."""

from dataclasses import dataclass, replace

import pytest

from payments.domain.errors import (
    AmountTooLargeError,
    PaymentNotCancelableError,
    PaymentNotCapturableError,
    PaymentNotFoundError,
    SignedOutError,
    StripeUnavailableError,
    ValidationError,
)
from payments.domain.payment import CANCEL, CAPTURE, Instruction, Payment
from payments.recorder import Recorder
from payments.use_cases.bring_up_to_date import Result, bring_up_to_date
from payments.use_cases.cancel_merchant_payment import cancel_merchant_payment
from payments.use_cases.cancel_payment import cancel_payment
from payments.use_cases.capture_payment import capture_payment
from tests.support.fakes.repositories import (
    FakeCustomers,
    FakePaymentInputs,
    FakePayments,
    FakeRefunds,
)
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.unit.builders import ADA, FAR_FUTURE, a_customer, a_payment, a_pending_payment, ago

STAFF = "staff:sam"


@dataclass
class Till:
    """The staff, and Ada, before the payment `pay_1` of 10.99 EUR."""

    stripe: FakeStripe
    payments: FakePayments
    inputs: FakePaymentInputs
    recorder: Recorder

    def capture(self, amount: int | None = None) -> Payment:
        recorder = replace(self.recorder, by="capture", actor=STAFF)
        return capture_payment("pay_1", amount=amount, recorder=recorder)

    def cancel(self) -> Payment:
        recorder = replace(self.recorder, by="cancel", actor=STAFF)
        return cancel_merchant_payment("pay_1", recorder=recorder)

    def cancel_own(self, user: str = ADA.user_id) -> Payment:
        recorder = replace(self.recorder, by="cancel", actor=f"person:{user}")
        return cancel_payment(
            "pay_1",
            user=replace(ADA, user_id=user),
            inputs=self.inputs,
            recorder=recorder,
        )

    def reconcile(self) -> Result:
        return bring_up_to_date(
            "pay_1",
            recorder=replace(self.recorder, by="reconcile", actor="reconcile"),
            refunds=FakeRefunds(self.payments),
            accounts=None,
        )

    def has(self, **changes: object) -> Payment:
        """The payment is like this, here and at Stripe."""
        payment = self.payments.put(a_payment(**changes))
        self.stripe.has_intent(payment)
        self.stripe.edit("pi_1", status=payment.status)
        return payment

    def holds(self, *, until: str = FAR_FUTURE, **changes: object) -> Payment:
        """The bank holds the money."""
        self.has(**changes)
        self.stripe.hold("pi_1", until=until)
        return self.payments.put(
            self.row.after(self.stripe.intent("pi_1"), by="confirm", actor="person:ada")
        )

    @property
    def row(self) -> Payment:
        return self.payments.rows["pay_1"]


@pytest.fixture
def till(
    stripe: FakeStripe, payments: FakePayments, inputs: FakePaymentInputs, recorder: Recorder
) -> Till:
    """Ada has a card."""
    stripe.has_customer(ADA)
    stripe.has_card("pm_card", "succeed")
    return Till(stripe, payments, inputs, recorder)


def test_a_hold_tells_what_is_held_and_until_when(till: Till) -> None:
    row = till.holds(until="2026-12-04T00:00:00.000Z", capture_method="manual")
    assert (row.amount_capturable, row.capture_before) == (1099, "2026-12-04T00:00:00.000Z")
    assert (row.amount_received, row.only_holds, row.has_work_left) == (0, True, True)


@pytest.mark.parametrize(("amount", "taken"), [(None, 1099), (1099, 1099), (500, 500)])
def test_what_is_held_or_a_part_of_it_is_captured(
    till: Till, amount: int | None, taken: int
) -> None:
    till.holds(capture_method="manual")
    payment = till.capture(amount)
    assert (payment.status, payment.amount_received) == ("succeeded", taken)
    assert (payment.amount_capturable, payment.capture_before) == (0, None)
    assert payment.instruction is None
    assert payment == till.row
    line = payment.history[-1]
    assert (line.to_status, line.by, line.actor) == ("succeeded", "capture", STAFF)
    # And again it is the same
    assert till.capture(taken) == payment
    assert len(till.stripe.arguments_of("capture_payment_intent")) == 1


def test_another_amount_than_what_was_captured_is_refused(till: Till) -> None:
    till.holds(capture_method="manual")
    till.capture(500)
    for amount in (501, 499, 1099, None):
        with pytest.raises(PaymentNotCapturableError):
            till.capture(amount)
    assert till.row.amount_received == 500


def test_the_amount_is_written_down_before_stripe_is_asked(till: Till) -> None:
    till.holds(capture_method="manual")
    written: list[Instruction | None] = []
    till.stripe.meanwhile("capture_payment_intent", lambda: written.append(till.row.instruction))
    till.capture(500)
    assert written == [Instruction(CAPTURE, STAFF, 500)]


def test_more_than_is_held_is_too_large_and_nothing_is_written(till: Till) -> None:
    before = till.holds(capture_method="manual")
    with pytest.raises(AmountTooLargeError, match=r"At most 10\.99 EUR"):
        till.capture(1100)
    assert till.row == before


def test_a_part_is_as_whole_as_the_currency_wants_it(till: Till) -> None:
    till.holds(capture_method="manual", amount=180_000, currency="isk")
    with pytest.raises(ValidationError):
        till.capture(150)


@pytest.mark.parametrize("status", ["requires_payment_method", "canceled", "succeeded"])
def test_what_is_not_held_is_not_captured(till: Till, status: str) -> None:
    till.has(status=status)
    with pytest.raises(PaymentNotCapturableError):
        till.capture()
    assert "capture_payment_intent" not in till.stripe.names_of_calls()


def test_a_hold_that_the_row_does_not_know_of_is_looked_up(till: Till) -> None:
    till.has(status="requires_action", capture_method="manual")
    till.stripe.hold("pi_1", until=FAR_FUTURE)
    assert till.capture().status == "succeeded"


def test_a_hold_that_ran_out_meanwhile_is_not_captured(till: Till) -> None:
    till.holds(capture_method="manual")
    till.stripe.edit(
        "pi_1", status="canceled", cancellation_reason="automatic", amount_capturable=0
    )
    with pytest.raises(PaymentNotCapturableError):
        till.capture()
    row = till.row
    assert [line.to_status for line in row.history[-2:]] == ["canceled", "hold_expired"]
    assert (row.status, row.instruction, row.has_work_left) == ("canceled", None, False)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_capture_that_was_cut_off_is_finished(till: Till, moment: str) -> None:
    till.holds(capture_method="manual")
    fail = till.stripe.fail_before if moment == "before" else till.stripe.fail_after
    fail("capture_payment_intent", StripeUnavailableError())
    with pytest.raises(StripeUnavailableError):
        till.capture(500)
    assert till.row.is_in_doubt
    # Meanwhile nobody captures another amount, or cancels
    with pytest.raises(PaymentNotCapturableError):
        till.capture(600)
    with pytest.raises(PaymentNotCancelableError):
        till.cancel()
    # When
    assert till.reconcile() in {Result.FINISHED, Result.CHANGED}
    # Then it names who asked for it
    row = till.row
    assert (row.status, row.amount_received, row.instruction) == ("succeeded", 500, None)
    assert (row.history[-1].by, row.history[-1].actor) == ("reconcile", STAFF)
    assert till.capture(500) == row


def test_a_capture_that_stripe_refuses_for_good_is_not_asked_for_again(till: Till) -> None:
    till.holds(capture_method="manual")
    till.stripe.fail_before("capture_payment_intent", AmountTooLargeError())
    with pytest.raises(AmountTooLargeError):
        till.capture(1000)
    assert till.row.instruction is None
    assert till.capture(500).amount_received == 500


@pytest.mark.parametrize(
    "status", ["requires_payment_method", "requires_confirmation", "requires_action"]
)
def test_what_is_not_finished_is_cancelled_and_again_it_is_the_same(
    till: Till, status: str
) -> None:
    till.has(status=status)
    payment = till.cancel()
    assert (payment.status, payment.instruction) == ("canceled", None)
    line = payment.history[-1]
    assert (line.to_status, line.by, line.actor) == ("canceled", "cancel", STAFF)
    assert till.cancel() == payment
    assert till.cancel_own() == payment
    assert len(till.stripe.arguments_of("cancel_payment_intent")) == 1


def test_a_hold_is_the_merchants_to_let_go(till: Till) -> None:
    till.holds(capture_method="manual")
    with pytest.raises(PaymentNotCancelableError):
        till.cancel_own()
    payment = till.cancel()
    assert (payment.status, payment.amount_capturable) == ("canceled", 0)
    assert payment.history[-1].to_status == "canceled"  # nobody says that it ran out


def test_a_hold_that_the_row_does_not_know_of_is_not_the_persons_to_let_go(till: Till) -> None:
    till.has(status="requires_action", capture_method="manual")
    till.stripe.hold("pi_1", until=FAR_FUTURE)
    with pytest.raises(PaymentNotCancelableError):
        till.cancel_own()
    assert till.stripe.intent("pi_1").status == "requires_capture"


@pytest.mark.parametrize("status", ["succeeded", "refused", "mismatched", "expired"])
def test_what_is_over_is_not_cancelled_and_nothing_is_refunded(till: Till, status: str) -> None:
    till.has(status=status)
    with pytest.raises(PaymentNotCancelableError):
        till.cancel()
    assert till.stripe.names_of_calls() == []


def test_a_confirmation_that_was_faster_wins_and_both_hear_the_same(till: Till) -> None:
    till.has()
    till.payments.before_writes.add(lambda: None)
    till.stripe.edit("pi_1", status="succeeded", amount_received=1099)
    with pytest.raises(PaymentNotCancelableError):
        till.cancel()
    assert (till.row.status, till.row.instruction) == ("succeeded", None)


def test_a_write_meanwhile_starts_it_over(till: Till) -> None:
    till.has()

    def declined() -> None:
        till.payments.put(replace(till.row, version=till.row.version + 1))

    till.payments.before_writes.add(declined)
    assert till.cancel().status == "canceled"


def test_the_person_cancels_their_own_and_stripe_hears_who(till: Till) -> None:
    till.has()
    assert till.cancel_own().status == "canceled"
    [asked] = till.stripe.arguments_of("cancel_payment_intent")
    assert asked["reason"] == "requested_by_customer"
    assert till.row.history[-1].actor == "person:ada"


def test_somebody_elses_is_not_there(till: Till) -> None:
    till.has()
    with pytest.raises(PaymentNotFoundError):
        till.cancel_own("bob")
    assert till.row.status == "requires_confirmation"


def test_a_token_from_before_the_logout_cancels_nothing(
    till: Till, customers: FakeCustomers
) -> None:
    till.has()
    customers.rows["ada"] = a_customer(signed_out_at=ago(minutes=1))
    with pytest.raises(SignedOutError):
        till.cancel_own()


def test_one_of_the_other_mode_is_not_there(till: Till) -> None:
    till.payments.put(replace(till.has(), livemode=True))
    for step in (till.cancel, till.capture, till.cancel_own):
        with pytest.raises(PaymentNotFoundError):
            step()


def test_one_whose_creation_was_cut_off_is_created_and_cancelled(till: Till) -> None:
    till.payments.put(a_pending_payment())
    payment = till.cancel()
    assert payment.status == "canceled"
    assert till.stripe.names_of_calls() == ["create_payment_intent", "cancel_payment_intent"]


def test_one_that_stripe_refuses_to_create_is_over_already(till: Till) -> None:
    till.stripe.cards.clear()
    till.payments.put(a_pending_payment())
    with pytest.raises(PaymentNotCancelableError):
        till.cancel()
    assert till.row.status == "refused"


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("held", [True, False])
def test_a_cancellation_that_was_cut_off_is_finished(
    till: Till, moment: str, *, held: bool
) -> None:
    if held:
        till.holds(capture_method="manual")
    else:
        till.has()
    fail = till.stripe.fail_before if moment == "before" else till.stripe.fail_after
    fail("cancel_payment_intent", StripeUnavailableError())
    with pytest.raises(StripeUnavailableError):
        till.cancel()
    assert till.row.instruction == Instruction(CANCEL, STAFF)
    with pytest.raises(PaymentNotCapturableError):
        till.capture()
    if till.row.status != "canceled":  # looking for something to capture may have seen it
        assert till.reconcile() is Result.CANCELED
    assert (till.row.status, till.row.history[-1].actor) == ("canceled", STAFF)


def test_reconciliation_leaves_a_hold_alone_until_it_runs_out(
    till: Till, payments: FakePayments
) -> None:
    held = replace(till.holds(capture_method="manual"), updated_at=ago(hours=1))

    def walked() -> list[str]:
        lanes = [
            *payments.list_open(in_doubt=True, until=FAR_FUTURE),
            *payments.list_open(in_doubt=False, until=FAR_FUTURE),
            *payments.list_run_out(until=FAR_FUTURE),
        ]
        return [entry.payment_id for lane in lanes for entry in lane]

    payments.put(held)
    assert walked() == []
    payments.put(replace(held, capture_before=ago(minutes=1)))
    assert walked() == ["pay_1"]
    payments.put(replace(held, instruction=Instruction(CAPTURE, STAFF, 500)))
    assert walked() == ["pay_1"]


def test_a_hold_whose_order_was_cancelled_is_let_go(till: Till) -> None:
    till.payments.put(
        replace(till.holds(capture_method="manual"), order_id="ord_1", order_closed="canceled")
    )
    assert till.reconcile() is Result.CANCELED
    assert till.stripe.intent("pi_1").status == "canceled"


def test_a_hold_that_ran_out_is_announced_once(till: Till) -> None:
    held = till.holds(capture_method="manual")
    till.stripe.edit(
        "pi_1", status="canceled", cancellation_reason="automatic", amount_capturable=0
    )
    after = held.after(till.stripe.intent("pi_1"), by="webhook", actor="webhook")
    lines = [(line.from_status, line.to_status) for line in after.history[len(held.history) :]]
    assert lines == [("requires_capture", "canceled"), ("canceled", "hold_expired")]
    assert after.reflects(till.stripe.intent("pi_1"))


def test_whoever_cancels_it_while_it_is_being_created_has_cancelled_it(till: Till) -> None:
    till.payments.put(a_pending_payment())
    till.stripe.meanwhile("create_payment_intent", till.cancel)
    assert till.cancel_own().status == "canceled"
