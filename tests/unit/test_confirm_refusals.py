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
    ServiceUnavailableError,
)
from payments.domain.payment_intent import LastPaymentError
from tests.support.fakes.stripe_gateway import declined
from tests.unit.builders import BOB
from tests.unit.payer import Payer


@pytest.mark.parametrize(
    ("decline_code", "retryable"), [("insufficient_funds", True), ("stolen_card", False)]
)
def test_a_declined_card_leaves_the_payment_retryable(
    payer: Payer, decline_code: str, retryable: bool
) -> None:
    # Given
    payer.payment_with(declined(decline_code), "succeed")
    # When
    with pytest.raises(CardDeclinedError) as refusal:
        payer.confirm("cvctok_1")
    # Then
    assert refusal.value.decline_code == decline_code
    assert refusal.value.retryable == retryable
    assert refusal.value.message == "Your card was declined."
    assert refusal.value.payment == payer.row
    assert refusal.value.intent == payer.stripe.intent("pi_1")
    assert payer.row.status == "requires_payment_method"
    assert payer.row.last_payment_error == declined(decline_code)
    assert payer.confirm("cvctok_2")[0].status == "succeeded"
    assert payer.row.last_payment_error is None


def test_a_refusal_is_reported_again_without_confirming_again(payer: Payer) -> None:
    # Given
    payer.payment_with(declined("lost_card"), "succeed")
    with pytest.raises(CardDeclinedError):
        payer.confirm("cvctok_1")
    payer.stripe.calls.clear()
    # When, then
    with pytest.raises(CardDeclinedError) as refusal:
        payer.confirm()
    assert refusal.value.decline_code == "lost_card"
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
        payer.payments.record(payer.row, payer.stripe.intent("pi_1"), by="webhook")
    # When, then
    with pytest.raises(PaymentNotConfirmableError):
        payer.confirm(cvc_token)
    assert payer.row.status == "canceled"


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
