"""Confirm: every refusal is reported, reported again on request, and leaves a way forward."""

from dataclasses import replace

import pytest

from payments.domain.errors import (
    AuthenticationFailedError,
    CardDeclinedError,
    CvcRequiredError,
    PaymentMethodNotFoundError,
    PaymentNotConfirmableError,
    PaymentNotFoundError,
    PaymentRefusedError,
    ServiceUnavailableError,
    StripeRejectedError,
    ValidationError,
)
from payments.domain.payment_intent import LastPaymentError
from tests.support.fakes.stripe_gateway import declined
from tests.unit.builders import BOB, a_payment, a_pending_payment
from tests.unit.payer import Payer


@pytest.mark.parametrize(
    ("decline_code", "told", "retryable"),
    [
        ("insufficient_funds", "insufficient_funds", True),
        ("expired_card", "expired_card", False),
        ("stolen_card", "generic_decline", False),  # told as any other declined card
        ("lost_card", "generic_decline", False),
    ],
)
def test_a_declined_card_leaves_the_payment_retryable(
    payer: Payer, decline_code: str, told: str, retryable: bool
) -> None:
    # Given
    payer.payment_with(declined(decline_code), "succeed")
    # When
    with pytest.raises(CardDeclinedError) as refusal:
        payer.confirm("cvctok_1")
    # Then
    assert refusal.value.decline_code == told
    assert refusal.value.retryable == retryable
    assert refusal.value.message == "Your card was declined."
    assert refusal.value.payment == payer.row
    assert refusal.value.intent == payer.stripe.intent("pi_1")
    assert payer.row.status == "requires_payment_method"
    assert payer.row.last_payment_error == declined(decline_code)
    assert payer.confirm("cvctok_2")[0].status == "succeeded"
    assert payer.row.last_payment_error is None


def test_what_the_bank_advises_counts(payer: Payer) -> None:
    # Given
    advice = replace(declined("do_not_honor"), advice_code="do_not_try_again")
    payer.payment_with(advice)
    # When, then
    with pytest.raises(CardDeclinedError) as refusal:
        payer.confirm("cvctok_1")
    assert (refusal.value.decline_code, refusal.value.retryable) == ("do_not_honor", False)


def test_a_refusal_is_told_again_without_confirming_again(payer: Payer) -> None:
    # Given
    payer.payment_with(declined("do_not_honor"), "succeed")
    with pytest.raises(CardDeclinedError):
        payer.confirm("cvctok_1")
    payer.stripe.calls.clear()
    # When, then
    with pytest.raises(CardDeclinedError) as refusal:
        payer.confirm()
    assert refusal.value.decline_code == "do_not_honor"
    assert payer.stripe.names_of_calls() == ["retrieve_payment_intent"]


def test_a_repeated_request_is_refused_like_the_first_one(payer: Payer) -> None:
    # Given
    payer.payment_with(declined("lost_card"), "succeed")
    with pytest.raises(CardDeclinedError):
        payer.confirm("cvctok_1")
    # When, then: the token is used up, so the bank is not asked again
    with pytest.raises(CardDeclinedError):
        payer.confirm("cvctok_1")
    assert payer.row.status == "requires_payment_method"


def test_a_refusal_without_a_decline_code_shows_its_code(payer: Payer) -> None:
    # Given
    expired = LastPaymentError(code="expired_card", decline_code=None, message="It has expired.")
    payer.payment_with(expired)
    # When, then
    with pytest.raises(CardDeclinedError) as refusal:
        payer.confirm("cvctok_1")
    assert refusal.value.decline_code == "expired_card"
    assert not refusal.value.retryable


def test_a_failed_authentication_is_reported_and_can_be_tried_again(payer: Payer) -> None:
    # Given
    payer.payment_with("challenge", "succeed")
    payer.confirm("cvctok_1")
    payer.stripe.fail_challenge("pi_1")
    # When
    with pytest.raises(AuthenticationFailedError) as refusal:
        payer.confirm()
    # Then
    assert refusal.value.payment == payer.row
    assert payer.row.status == "requires_payment_method"
    assert payer.confirm("cvctok_2")[0].status == "succeeded"


def test_after_a_refusal_another_card_pays(payer: Payer) -> None:
    # Given
    payer.payment_with(declined())
    payer.stripe.has_card("pm_other", "succeed")
    with pytest.raises(CardDeclinedError):
        payer.confirm("cvctok_1")
    # When
    payment, _ = payer.confirm("cvctok_2", card="pm_other")
    # Then
    assert (payment.status, payment.payment_method_id) == ("succeeded", "pm_other")


@pytest.mark.parametrize("owner", ["cus_bob", None])
def test_a_card_that_is_not_saved_does_not_pay(payer: Payer, owner: str | None) -> None:
    # Given
    payer.payment_with("succeed")
    payer.stripe.has_card("pm_other", of=owner)
    # When, then
    with pytest.raises(PaymentMethodNotFoundError):
        payer.confirm("cvctok_1", card="pm_other")
    assert payer.confirmations == []


@pytest.mark.parametrize("outcome", ["succeed", "challenge", declined()])
def test_another_card_needs_a_cvc_of_its_own(payer: Payer, outcome: str | LastPaymentError) -> None:
    # Given a payment in any state that its first card can bring it to
    payer.payment_with(outcome)
    payer.stripe.has_card("pm_other")
    if outcome == "challenge":
        payer.confirm("cvctok_1")
        payer.stripe.complete_challenge("pi_1")
    elif isinstance(outcome, LastPaymentError):
        with pytest.raises(CardDeclinedError):
            payer.confirm("cvctok_1")
    payer.stripe.calls.clear()
    # When, then
    with pytest.raises(CvcRequiredError):
        payer.confirm(card="pm_other")
    assert payer.stripe.calls == []


def test_naming_the_card_that_is_chosen_already_needs_no_other_cvc(payer: Payer) -> None:
    # Given
    payer.payment_with("challenge", "succeed")
    payer.confirm("cvctok_1")
    payer.stripe.complete_challenge("pi_1")
    # When, then
    assert payer.confirm(card="pm_card")[0].status == "succeeded"


def test_someone_elses_card_is_not_found(payer: Payer) -> None:
    # Given
    payer.payment_with("succeed")
    payer.stripe.has_card("pm_bob", of="cus_bob")
    # When, then
    with pytest.raises(PaymentMethodNotFoundError):
        payer.confirm("cvctok_1", card="pm_bob")
    assert payer.row.status == "requires_confirmation"


@pytest.mark.parametrize("cvc_token", [None, "cvctok_1"])
@pytest.mark.parametrize("known", [True, False])
def test_a_cancelled_payment_cannot_be_confirmed(
    payer: Payer, cvc_token: str | None, known: bool
) -> None:
    # Given a payment that was cancelled, whether or not our row knows
    payer.payment_with("challenge")
    payer.confirm("cvctok_0")
    payer.stripe.cancel("pi_1")
    if known:
        payer.payments.record(payer.row, payer.stripe.intent("pi_1"), by="webhook", actor="webhook")
    # When, then
    with pytest.raises(PaymentNotConfirmableError):
        payer.confirm(cvc_token)
    assert payer.row.status == "canceled"


@pytest.mark.parametrize("outcome", ["succeed", "challenge", declined()])
def test_a_payment_that_turns_out_to_be_another_amount_is_over(
    payer: Payer, outcome: str | LastPaymentError
) -> None:
    # Given
    payer.payment_with(outcome)
    payer.stripe.edit("pi_1", amount=1)
    # When, then
    with pytest.raises(PaymentNotConfirmableError):
        payer.confirm("cvctok_1")
    assert payer.row.status == "mismatched"
    with pytest.raises(PaymentNotConfirmableError):
        payer.confirm("cvctok_2")
    assert len(payer.confirmations) == 1
    assert payer.stripe.intent("pi_1").status == "requires_confirmation"


def test_a_payment_whose_amount_is_edited_after_its_challenge_is_over(payer: Payer) -> None:
    # Given
    payer.payment_with("challenge", "succeed")
    payer.confirm("cvctok_1")
    payer.stripe.complete_challenge("pi_1")
    payer.stripe.edit("pi_1", amount=1)
    # When, then
    with pytest.raises(PaymentNotConfirmableError):
        payer.confirm()
    assert payer.row.status == "mismatched"
    assert payer.stripe.intent("pi_1").status == "requires_confirmation"


@pytest.mark.parametrize(
    "refusal",
    [PaymentRefusedError(code=None, param=None), ValidationError([("amount", "too small")])],
)
def test_whatever_stripe_says_of_an_edited_amount_the_payment_is_over(
    payer: Payer, refusal: Exception
) -> None:
    # Given
    payer.payment_with("succeed")
    payer.stripe.edit("pi_1", amount=1)
    payer.stripe.fail_before("confirm_payment_intent", refusal)
    # When, then
    with pytest.raises(PaymentNotConfirmableError):
        payer.confirm("cvctok_1")
    assert payer.row.status == "mismatched"
    assert payer.row.last_payment_error
    assert payer.row.last_payment_error.message == "amount: 1099 here, 1 at Stripe"


def test_a_mismatched_payment_whose_intent_is_right_again_is_confirmed(payer: Payer) -> None:
    # Given
    payer.payment_with("succeed")
    payer.payments.put(a_payment(status="mismatched"))
    # When, then
    assert payer.confirm("cvctok_1")[0].status == "succeeded"


@pytest.mark.parametrize("status", ["requires_confirmation", "lost_at_stripe"])
def test_a_payment_that_our_key_no_longer_sees_is_over(payer: Payer, status: str) -> None:
    # Given
    payer.payments.put(a_payment(status=status))
    # When, then
    with pytest.raises(PaymentNotConfirmableError):
        payer.confirm("cvctok_1")
    assert payer.row.status == "lost_at_stripe"


def test_with_another_accounts_key_nothing_is_settled(payer: Payer) -> None:
    # Given
    payment = payer.payments.put(a_payment())
    payer.stripe.account = "acct_other"
    # When, then
    with pytest.raises(StripeRejectedError):
        payer.confirm("cvctok_1")
    assert payer.row == payment


def test_an_expired_payment_cannot_be_confirmed(payer: Payer) -> None:
    payer.payments.put(a_pending_payment(status="expired"))
    with pytest.raises(PaymentNotConfirmableError):
        payer.confirm("cvctok_1")
    assert payer.stripe.calls == []


def test_a_confirmation_that_stripe_refuses_for_good_leaves_the_payment_as_it_is(
    payer: Payer,
) -> None:
    # Given
    payer.payment_with("succeed")
    payment = payer.row
    refusal = PaymentRefusedError(code=None, param=None)  # too many confirmations
    payer.stripe.fail_before("confirm_payment_intent", refusal)
    # When, then
    with pytest.raises(PaymentRefusedError):
        payer.confirm("cvctok_1")
    assert payer.row == payment


def test_another_persons_payment_is_not_found(payer: Payer) -> None:
    # Given
    payer.payment_with("succeed")
    # When, then
    with pytest.raises(PaymentNotFoundError):
        payer.confirm("cvctok_1", user=BOB)
    assert payer.stripe.calls == []


def test_a_test_payment_is_not_found_with_a_live_key(payer: Payer) -> None:
    # Given
    payer.payment_with("succeed")
    payer.stripe.livemode = True
    # When, then
    with pytest.raises(PaymentNotFoundError):
        payer.confirm("cvctok_1")
    assert payer.stripe.calls == []


def test_an_attempt_that_our_row_missed_asks_for_a_cvc_rather_than_end_unpaid(payer: Payer) -> None:
    # Given a decline, then an attempt in another tab that was interrupted before it reached our
    # row, and whose challenge was completed since
    payer.payment_with(declined(), "challenge", "succeed")
    with pytest.raises(CardDeclinedError):
        payer.confirm("cvctok_1")
    payer.payments.fail_next_record = ServiceUnavailableError()
    with pytest.raises(ServiceUnavailableError):
        payer.confirm("cvctok_2")
    payer.stripe.complete_challenge("pi_1")
    # When, then: an answer without a next action would look like the end of the loop
    with pytest.raises(CvcRequiredError):
        payer.confirm()
    assert payer.confirm("cvctok_3")[0].status == "succeeded"


def test_a_refused_intent_that_gives_no_reason_asks_for_a_cvc(payer: Payer) -> None:
    # Given
    payer.payment_with("challenge")
    payer.confirm("cvctok_1")
    kept = payer.stripe.intents["pi_1"]
    kept.intent = replace(kept.intent, status="requires_payment_method", next_action=None)
    # When, then
    with pytest.raises(CvcRequiredError):
        payer.confirm()
