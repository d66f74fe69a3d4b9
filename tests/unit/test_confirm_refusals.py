"""Confirm: every refusal is told, told again when asked, and leaves a way to go on."""

from dataclasses import replace

import pytest

from payments.domain.errors import (
    AuthenticationFailedError,
    CardDeclinedError,
    CvcRequiredError,
    PaymentMethodNotFoundError,
    PaymentNotConfirmableError,
    PaymentNotFoundError,
    ServiceUnavailableError,
)
from payments.domain.payment_intent import LastPaymentError
from tests.support.fakes.stripe_gateway import declined
from tests.unit.builders import BOB
from tests.unit.till import Till


@pytest.mark.parametrize(
    ("decline_code", "retryable"), [("insufficient_funds", True), ("stolen_card", False)]
)
def test_a_declined_card_leaves_the_payment_retryable(
    till: Till, decline_code: str, retryable: bool
) -> None:
    # Given
    till.payment_with(declined(decline_code), "succeed")
    # When
    with pytest.raises(CardDeclinedError) as refusal:
        till.confirm("cvctok_1")
    # Then
    assert refusal.value.decline_code == decline_code
    assert refusal.value.retryable == retryable
    assert refusal.value.detail == "Your card was declined."
    assert refusal.value.payment == till.row
    assert refusal.value.intent == till.stripe.intent("pi_1")
    assert till.row.status == "requires_payment_method"
    assert till.row.last_payment_error == declined(decline_code)
    assert till.confirm("cvctok_2")[0].status == "succeeded"
    assert till.row.last_payment_error is None


def test_a_refusal_is_told_again_without_confirming_again(till: Till) -> None:
    # Given
    till.payment_with(declined("lost_card"), "succeed")
    with pytest.raises(CardDeclinedError):
        till.confirm("cvctok_1")
    till.stripe.calls.clear()
    # When, then
    with pytest.raises(CardDeclinedError) as refusal:
        till.confirm()
    assert refusal.value.decline_code == "lost_card"
    assert till.stripe.names_of_calls() == ["retrieve_payment_intent"]


def test_a_repeated_request_is_refused_as_the_first_time(till: Till) -> None:
    # Given
    till.payment_with(declined("lost_card"), "succeed")
    with pytest.raises(CardDeclinedError):
        till.confirm("cvctok_1")
    # When, then: the token has served, so the bank is not asked again
    with pytest.raises(CardDeclinedError):
        till.confirm("cvctok_1")
    assert till.row.status == "requires_payment_method"


def test_a_refusal_without_a_decline_code_shows_its_code(till: Till) -> None:
    # Given
    expired = LastPaymentError(code="expired_card", decline_code=None, message="It has expired.")
    till.payment_with(expired)
    # When, then
    with pytest.raises(CardDeclinedError) as refusal:
        till.confirm("cvctok_1")
    assert refusal.value.decline_code == "expired_card"
    assert not refusal.value.retryable


def test_a_failed_authentication_is_told_and_can_be_tried_again(till: Till) -> None:
    # Given
    till.payment_with("challenge", "succeed")
    till.confirm("cvctok_1")
    till.stripe.fail_challenge("pi_1")
    # When
    with pytest.raises(AuthenticationFailedError) as refusal:
        till.confirm()
    # Then
    assert refusal.value.payment == till.row
    assert till.row.status == "requires_payment_method"
    assert till.confirm("cvctok_2")[0].status == "succeeded"


def test_after_a_refusal_another_card_pays(till: Till) -> None:
    # Given
    till.payment_with(declined())
    till.stripe.has_card("pm_other", "succeed")
    with pytest.raises(CardDeclinedError):
        till.confirm("cvctok_1")
    # When
    payment, _ = till.confirm("cvctok_2", card="pm_other")
    # Then
    assert (payment.status, payment.payment_method_id) == ("succeeded", "pm_other")


@pytest.mark.parametrize("outcome", ["succeed", "challenge", declined()])
def test_another_card_needs_a_cvc_of_its_own(till: Till, outcome: str | LastPaymentError) -> None:
    # Given a payment at whatever point its first card has brought it to
    till.payment_with(outcome)
    till.stripe.has_card("pm_other")
    if outcome == "challenge":
        till.confirm("cvctok_1")
        till.stripe.complete_challenge("pi_1")
    elif isinstance(outcome, LastPaymentError):
        with pytest.raises(CardDeclinedError):
            till.confirm("cvctok_1")
    till.stripe.calls.clear()
    # When, then
    with pytest.raises(CvcRequiredError):
        till.confirm(card="pm_other")
    assert till.stripe.calls == []


def test_naming_the_card_that_is_chosen_already_needs_no_other_cvc(till: Till) -> None:
    # Given
    till.payment_with("challenge", "succeed")
    till.confirm("cvctok_1")
    till.stripe.complete_challenge("pi_1")
    # When, then
    assert till.confirm(card="pm_card")[0].status == "succeeded"


def test_someone_elses_card_is_not_found(till: Till) -> None:
    # Given
    till.payment_with("succeed")
    till.stripe.has_card("pm_bob", of="cus_bob")
    # When, then
    with pytest.raises(PaymentMethodNotFoundError):
        till.confirm("cvctok_1", card="pm_bob")
    assert till.row.status == "requires_confirmation"


@pytest.mark.parametrize("cvc_token", [None, "cvctok_1"])
@pytest.mark.parametrize("known", [True, False])
def test_a_cancelled_payment_cannot_be_confirmed(
    till: Till, cvc_token: str | None, known: bool
) -> None:
    # Given a payment that was cancelled, whether or not our row knows
    till.payment_with("challenge")
    till.confirm("cvctok_0")
    till.stripe.cancel("pi_1")
    if known:
        till.payments.record(till.row, till.stripe.intent("pi_1"), by="webhook")
    # When, then
    with pytest.raises(PaymentNotConfirmableError):
        till.confirm(cvc_token)
    assert till.row.status == "canceled"


def test_another_persons_payment_is_not_found(till: Till) -> None:
    # Given
    till.payment_with("succeed")
    # When, then
    with pytest.raises(PaymentNotFoundError):
        till.confirm("cvctok_1", user=BOB)
    assert till.stripe.calls == []


def test_a_test_payment_is_not_found_with_a_live_key(till: Till) -> None:
    # Given
    till.payment_with("succeed")
    till.stripe.livemode = True
    # When, then
    with pytest.raises(PaymentNotFoundError):
        till.confirm("cvctok_1")
    assert till.stripe.calls == []


def test_an_attempt_that_our_row_missed_asks_for_a_cvc_rather_than_end_unpaid(till: Till) -> None:
    # Given a decline, then an attempt in another tab that was cut off before our row learned of
    # it, and whose challenge was completed since
    till.payment_with(declined(), "challenge", "succeed")
    with pytest.raises(CardDeclinedError):
        till.confirm("cvctok_1")
    till.payments.fail_next_record = ServiceUnavailableError()
    with pytest.raises(ServiceUnavailableError):
        till.confirm("cvctok_2")
    till.stripe.complete_challenge("pi_1")
    # When, then: an answer without a next action would look like the end of the loop
    with pytest.raises(CvcRequiredError):
        till.confirm()
    assert till.confirm("cvctok_3")[0].status == "succeeded"


def test_a_refused_intent_that_gives_no_reason_asks_for_a_cvc(till: Till) -> None:
    # Given
    till.payment_with("challenge")
    till.confirm("cvctok_1")
    kept = till.stripe.intents["pi_1"]
    kept.intent = replace(kept.intent, status="requires_payment_method", next_action=None)
    # When, then
    with pytest.raises(CvcRequiredError):
        till.confirm()
