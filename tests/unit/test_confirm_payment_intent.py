"""Confirm: with a fresh CVC, through the challenge, safe at any time."""

from dataclasses import replace

import pytest

from payments.domain.errors import (
    CardDeclinedError,
    CvcRequiredError,
    FailureRememberedError,
    IdempotencyKeyReusedError,
    PaymentMethodNotFoundError,
    RateLimitedError,
    ServiceUnavailableError,
    StripeUnavailableError,
)
from payments.domain.payment import Payment
from tests.support.fakes.stripe_gateway import CHALLENGE, declined
from tests.unit.builders import ADA, LONG_AGO, a_payment, a_pending_payment
from tests.unit.payer import Payer


def test_the_cvc_token_reaches_stripe_and_the_payment_succeeds(payer: Payer) -> None:
    # Given
    payer.payment_with("succeed")
    # When
    payment, intent = payer.confirm("cvctok_1")
    # Then
    assert payer.confirmations == [
        {"payment_intent_id": "pi_1", "payment_method_id": "pm_card", "cvc_token": "cvctok_1"}
    ]
    assert payment.status == intent.status == "succeeded"
    assert payer.row == payment
    assert len(payer.stripe.calls) == 1


def test_without_a_cvc_nothing_is_confirmed(payer: Payer) -> None:
    # Given
    payer.payment_with("succeed")
    # When, then
    with pytest.raises(CvcRequiredError):
        payer.confirm()
    assert payer.stripe.calls == []


def test_a_used_cvc_token_asks_for_a_fresh_one(payer: Payer) -> None:
    # Given a token that was used for another payment
    payer.payment_with("succeed")
    payer.stripe.fail_before("confirm_payment_intent", CvcRequiredError())
    # When, then
    with pytest.raises(CvcRequiredError):
        payer.confirm("cvctok_used")
    assert payer.row.status == "requires_confirmation"
    assert payer.confirm("cvctok_fresh")[0].status == "succeeded"


def test_a_challenge_is_handed_to_the_browser(payer: Payer) -> None:
    # Given
    payer.payment_with("challenge", "succeed")
    # When
    payment, intent = payer.confirm("cvctok_1")
    # Then
    assert payment.status == "requires_action"
    assert intent.next_action == CHALLENGE
    assert payer.row.cvc_recollected


def test_after_the_challenge_the_payment_goes_on_without_another_cvc(payer: Payer) -> None:
    # Given
    payer.payment_with("challenge", "succeed")
    payer.confirm("cvctok_1")
    payer.stripe.complete_challenge("pi_1")
    # When
    payment, _ = payer.confirm()
    # Then
    assert payment.status == "succeeded"
    assert payer.confirmations[-1] == {
        "payment_intent_id": "pi_1",
        "payment_method_id": None,
        "cvc_token": None,
    }


def test_after_the_challenge_a_status_recorded_meanwhile_does_not_ask_for_another_cvc(
    payer: Payer,
) -> None:
    # Given someone else, such as a webhook, that has recorded the completed challenge
    payer.payment_with("challenge", "succeed")
    payer.confirm("cvctok_1")
    payer.stripe.complete_challenge("pi_1")
    payer.payments.record(payer.row, payer.stripe.intent("pi_1"), by="webhook", actor="webhook")
    # When, then
    assert payer.row.status == "requires_confirmation"
    assert payer.confirm()[0].status == "succeeded"


def test_a_repeated_request_whose_challenge_was_completed_goes_on(payer: Payer) -> None:
    # Given
    payer.payment_with("challenge", "succeed")
    payer.confirm("cvctok_1")
    payer.stripe.complete_challenge("pi_1")
    # When the first request is sent again, token and all
    payment, _ = payer.confirm("cvctok_1")
    # Then
    assert payment.status == "succeeded"


def test_a_repeated_request_shows_the_challenge_again(payer: Payer) -> None:
    # Given
    payer.payment_with("challenge", "succeed")
    first = payer.confirm("cvctok_1")
    # When, then
    assert payer.confirm("cvctok_1") == first


def test_a_card_may_be_declined_after_the_challenge(payer: Payer) -> None:
    # Given
    payer.payment_with("challenge", declined("insufficient_funds"))
    payer.confirm("cvctok_1")
    payer.stripe.complete_challenge("pi_1")
    # When, then
    with pytest.raises(CardDeclinedError) as refusal:
        payer.confirm()
    assert refusal.value.decline_code == "insufficient_funds"
    assert not payer.row.cvc_recollected


def test_a_repeated_request_gets_the_lost_answer(payer: Payer) -> None:
    # Given
    payer.payment_with("succeed")
    payer.stripe.fail_after("confirm_payment_intent", StripeUnavailableError())
    with pytest.raises(StripeUnavailableError):
        payer.confirm("cvctok_1")
    # When
    payment, _ = payer.confirm("cvctok_1")
    # Then
    assert payment.status == "succeeded"
    assert payer.row.status == "succeeded"


def test_a_request_with_a_fresh_token_gets_the_lost_answer(payer: Payer) -> None:
    # Given
    payer.payment_with("succeed")
    payer.stripe.fail_after("confirm_payment_intent", StripeUnavailableError())
    with pytest.raises(StripeUnavailableError):
        payer.confirm("cvctok_1")
    # When, then
    assert payer.confirm("cvctok_2")[0].status == "succeeded"


def test_a_crash_before_the_row_is_written_is_healed_by_the_repetition(payer: Payer) -> None:
    # Given
    payer.payment_with("succeed")
    payer.payments.fail_next_record = ServiceUnavailableError()
    with pytest.raises(ServiceUnavailableError):
        payer.confirm("cvctok_1")
    assert payer.row.status == "requires_confirmation"
    # When
    payer.confirm("cvctok_1")
    # Then
    assert payer.row.status == "succeeded"


@pytest.mark.parametrize("cvc_token", [None, "cvctok_1", "cvctok_2"])
def test_confirming_a_paid_payment_says_so_and_confirms_nothing(
    payer: Payer, cvc_token: str | None
) -> None:
    # Given
    payer.payment_with("succeed")
    done = payer.confirm("cvctok_1")
    payer.stripe.calls.clear()
    # When
    again = payer.confirm(cvc_token)
    # Then
    assert again == done
    assert payer.stripe.names_of_calls() == ["retrieve_payment_intent"]


def test_a_payment_whose_creation_was_cut_off_is_created_and_confirmed(payer: Payer) -> None:
    # Given
    payer.stripe.has_card("pm_card")
    payer.payments.put(a_pending_payment())
    # When
    payment, _ = payer.confirm("cvctok_1")
    # Then
    assert payment.status == "succeeded"
    assert [payment.payment_intent_id] == [*payer.stripe.intents]


def test_a_payment_whose_creation_was_cut_off_long_ago_is_searched_for(payer: Payer) -> None:
    # Given
    payer.stripe.has_card("pm_card")
    payer.stripe.has_intent(payer.payments.put(a_pending_payment(created_at=LONG_AGO)))
    # When
    payment, _ = payer.confirm("cvctok_1")
    # Then
    assert payment.status == "succeeded"
    assert len(payer.stripe.intents) == 1
    assert "create_payment_intent" not in payer.stripe.names_of_calls()


def test_a_cut_off_creation_that_stripe_refuses_is_refused_each_time(payer: Payer) -> None:
    # Given
    payer.payments.put(a_pending_payment(payment_method_id="pm_gone"))
    # When, then
    with pytest.raises(PaymentMethodNotFoundError):
        payer.confirm("cvctok_1")
    assert payer.row.status == "refused"
    with pytest.raises(PaymentMethodNotFoundError):
        payer.confirm("cvctok_2")
    assert payer.stripe.names_of_calls() == ["create_payment_intent"]


@pytest.mark.parametrize("error", [FailureRememberedError(), IdempotencyKeyReusedError()])
def test_what_stripe_did_counts_where_its_key_leads_nowhere(payer: Payer, error: Exception) -> None:
    # Given a confirmation that worked, and whose key tells nothing of that
    payer.payment_with("succeed")
    payer.stripe.has_cvc_token("cvctok_1")
    payer.stripe.confirm_payment_intent(
        "pi_1", payment=a_payment(), payment_method_id="pm_card", cvc_token="cvctok_1"
    )
    payer.stripe.fail_before("confirm_payment_intent", error)
    # When, then
    assert payer.confirm("cvctok_2")[0].status == "succeeded"
    assert payer.row.status == "succeeded"


def test_another_cvc_is_asked_for_where_a_remembered_failure_had_no_effect(payer: Payer) -> None:
    # Given
    payer.payment_with("succeed")
    payer.stripe.fail_before("confirm_payment_intent", FailureRememberedError())
    # When, then
    with pytest.raises(CvcRequiredError):
        payer.confirm("cvctok_1")
    assert payer.confirm("cvctok_2")[0].status == "succeeded"


def test_a_cut_off_creation_needs_a_cvc_like_any_other(payer: Payer) -> None:
    # Given
    payer.stripe.has_card("pm_card")
    payer.payments.put(a_pending_payment())
    # When, then
    with pytest.raises(CvcRequiredError):
        payer.confirm()
    assert payer.row.status == "requires_confirmation"


def test_two_tabs_make_one_charge(payer: Payer) -> None:
    # Given a second tab that confirms while the first one's answer is on its way
    payer.payment_with("succeed")
    second: list[Payment] = []
    payer.stripe.meanwhile(
        "confirm_payment_intent", lambda: second.append(payer.confirm("cvctok_2")[0])
    )
    # When
    first, _ = payer.confirm("cvctok_1")
    # Then
    assert [first] == second
    assert payer.row.status == "succeeded"
    assert payer.payments.records == 1


def test_being_told_to_wait_changes_nothing(payer: Payer) -> None:
    # Given
    payer.payment_with("succeed")
    payer.stripe.fail_before("confirm_payment_intent", RateLimitedError())
    # When
    with pytest.raises(RateLimitedError):
        payer.confirm("cvctok_1")
    # Then
    assert payer.row.status == "requires_confirmation"
    assert payer.confirm("cvctok_1")[0].status == "succeeded"


@pytest.mark.parametrize(
    ("verified", "order_id", "emails", "sent_to"),
    [
        (True, None, True, "ada@example.com"),
        (True, None, False, None),
        (False, None, True, None),  # it may be somebody else's address
        (True, "ord_1", True, None),  # the merchant decides
    ],
)
def test_stripe_emails_a_receipt_where_the_stack_has_it(
    payer: Payer, verified: bool, order_id: str | None, emails: bool, sent_to: str | None
) -> None:
    payer.payment_with("challenge")
    payer.payments.rows["pay_1"] = replace(payer.row, order_id=order_id)
    user = replace(ADA, email="ada@example.com", email_verified=verified)

    payer.confirm("cvctok_1", user=user, emails_receipts=emails)

    assert payer.confirmations[-1].get("receipt_email") == sent_to
