"""Confirm: with the CVC collected again, through the challenge, safe at any moment."""

import pytest

from payments.domain.errors import (
    CardDeclinedError,
    CvcRequiredError,
    PaymentMethodNotFoundError,
    RateLimitedError,
    ServiceUnavailableError,
    StripeUnavailableError,
)
from payments.domain.payment import Payment
from tests.support.fakes.stripe_gateway import CHALLENGE, declined
from tests.unit.builders import LONG_AGO, a_pending_payment
from tests.unit.till import Till


def test_the_cvc_token_reaches_stripe_and_the_payment_succeeds(till: Till) -> None:
    # Given
    till.payment_with("succeed")
    # When
    payment, intent = till.confirm("cvctok_1")
    # Then
    assert till.confirmations == [
        {"payment_intent_id": "pi_1", "payment_method_id": "pm_card", "cvc_token": "cvctok_1"}
    ]
    assert payment.status == intent.status == "succeeded"
    assert till.row == payment
    assert len(till.stripe.calls) == 1


def test_without_a_cvc_nothing_is_confirmed(till: Till) -> None:
    # Given
    till.payment_with("succeed")
    # When, then
    with pytest.raises(CvcRequiredError):
        till.confirm()
    assert till.stripe.calls == []


def test_a_used_cvc_token_asks_for_a_fresh_one(till: Till) -> None:
    # Given a token that served for another payment
    till.payment_with("succeed")
    till.stripe.fail_before("confirm_payment_intent", CvcRequiredError())
    # When, then
    with pytest.raises(CvcRequiredError):
        till.confirm("cvctok_used")
    assert till.row.status == "requires_confirmation"
    assert till.confirm("cvctok_fresh")[0].status == "succeeded"


def test_a_challenge_is_handed_to_the_browser(till: Till) -> None:
    # Given
    till.payment_with("challenge", "succeed")
    # When
    payment, intent = till.confirm("cvctok_1")
    # Then
    assert payment.status == "requires_action"
    assert intent.next_action == CHALLENGE
    assert till.row.cvc_recollected


def test_after_the_challenge_the_payment_goes_on_without_another_cvc(till: Till) -> None:
    # Given
    till.payment_with("challenge", "succeed")
    till.confirm("cvctok_1")
    till.stripe.complete_challenge("pi_1")
    # When
    payment, _ = till.confirm()
    # Then
    assert payment.status == "succeeded"
    assert till.confirmations[-1] == {
        "payment_intent_id": "pi_1",
        "payment_method_id": None,
        "cvc_token": None,
    }


def test_after_the_challenge_a_status_recorded_meanwhile_does_not_ask_for_another_cvc(
    till: Till,
) -> None:
    # Given somebody, say an event of Stripe's, who has recorded the completed challenge
    till.payment_with("challenge", "succeed")
    till.confirm("cvctok_1")
    till.stripe.complete_challenge("pi_1")
    till.payments.record(till.row, till.stripe.intent("pi_1"), by="webhook")
    # When, then
    assert till.row.status == "requires_confirmation"
    assert till.confirm()[0].status == "succeeded"


def test_a_repeated_request_whose_challenge_was_completed_goes_on(till: Till) -> None:
    # Given
    till.payment_with("challenge", "succeed")
    till.confirm("cvctok_1")
    till.stripe.complete_challenge("pi_1")
    # When the first request is sent again, token and all
    payment, _ = till.confirm("cvctok_1")
    # Then
    assert payment.status == "succeeded"


def test_a_repeated_request_shows_the_challenge_again(till: Till) -> None:
    # Given
    till.payment_with("challenge", "succeed")
    first = till.confirm("cvctok_1")
    # When, then
    assert till.confirm("cvctok_1") == first


def test_a_card_may_be_declined_after_the_challenge(till: Till) -> None:
    # Given
    till.payment_with("challenge", declined("insufficient_funds"))
    till.confirm("cvctok_1")
    till.stripe.complete_challenge("pi_1")
    # When, then
    with pytest.raises(CardDeclinedError) as refusal:
        till.confirm()
    assert refusal.value.decline_code == "insufficient_funds"
    assert not till.row.cvc_recollected


def test_a_lost_answer_is_told_when_the_request_is_repeated(till: Till) -> None:
    # Given
    till.payment_with("succeed")
    till.stripe.fail_after("confirm_payment_intent", StripeUnavailableError())
    with pytest.raises(StripeUnavailableError):
        till.confirm("cvctok_1")
    # When
    payment, _ = till.confirm("cvctok_1")
    # Then
    assert payment.status == "succeeded"
    assert till.row.status == "succeeded"


def test_a_lost_answer_is_told_to_who_comes_with_a_fresh_token(till: Till) -> None:
    # Given
    till.payment_with("succeed")
    till.stripe.fail_after("confirm_payment_intent", StripeUnavailableError())
    with pytest.raises(StripeUnavailableError):
        till.confirm("cvctok_1")
    # When, then
    assert till.confirm("cvctok_2")[0].status == "succeeded"


def test_a_crash_before_the_row_is_written_is_healed_by_the_repetition(till: Till) -> None:
    # Given
    till.payment_with("succeed")
    till.payments.fail_next_record = ServiceUnavailableError()
    with pytest.raises(ServiceUnavailableError):
        till.confirm("cvctok_1")
    assert till.row.status == "requires_confirmation"
    # When
    till.confirm("cvctok_1")
    # Then
    assert till.row.status == "succeeded"


@pytest.mark.parametrize("cvc_token", [None, "cvctok_1", "cvctok_2"])
def test_confirming_what_has_succeeded_tells_so_and_confirms_nothing(
    till: Till, cvc_token: str | None
) -> None:
    # Given
    till.payment_with("succeed")
    done = till.confirm("cvctok_1")
    till.stripe.calls.clear()
    # When
    again = till.confirm(cvc_token)
    # Then
    assert again == done
    assert till.stripe.names_of_calls() == ["retrieve_payment_intent"]


def test_a_payment_whose_creation_was_cut_off_is_created_and_confirmed(till: Till) -> None:
    # Given
    till.stripe.has_card("pm_card")
    till.payments.put(a_pending_payment())
    # When
    payment, _ = till.confirm("cvctok_1")
    # Then
    assert payment.status == "succeeded"
    assert [payment.payment_intent_id] == [*till.stripe.intents]


def test_a_payment_whose_creation_was_cut_off_long_ago_is_searched_for(till: Till) -> None:
    # Given
    till.stripe.has_card("pm_card")
    till.stripe.has_intent(till.payments.put(a_pending_payment(created_at=LONG_AGO)))
    # When
    payment, _ = till.confirm("cvctok_1")
    # Then
    assert payment.status == "succeeded"
    assert len(till.stripe.intents) == 1
    assert "create_payment_intent" not in till.stripe.names_of_calls()


def test_a_cut_off_creation_that_stripe_refuses_leaves_no_row(till: Till) -> None:
    # Given
    till.payments.put(a_pending_payment(payment_method_id="pm_gone"))
    # When, then
    with pytest.raises(PaymentMethodNotFoundError):
        till.confirm("cvctok_1")
    assert till.payments.rows == {}


def test_a_cut_off_creation_needs_a_cvc_like_any_other(till: Till) -> None:
    # Given
    till.stripe.has_card("pm_card")
    till.payments.put(a_pending_payment())
    # When, then
    with pytest.raises(CvcRequiredError):
        till.confirm()
    assert till.row.status == "requires_confirmation"


def test_two_tabs_make_one_charge(till: Till) -> None:
    # Given a second tab that confirms while the first one's answer is on its way
    till.payment_with("succeed")
    second: list[Payment] = []
    till.stripe.meanwhile(
        "confirm_payment_intent", lambda: second.append(till.confirm("cvctok_2")[0])
    )
    # When
    first, _ = till.confirm("cvctok_1")
    # Then
    assert [first] == second
    assert till.row.status == "succeeded"
    assert till.payments.records == 1


def test_being_told_to_wait_changes_nothing(till: Till) -> None:
    # Given
    till.payment_with("succeed")
    till.stripe.fail_before("confirm_payment_intent", RateLimitedError())
    # When
    with pytest.raises(RateLimitedError):
        till.confirm("cvctok_1")
    # Then
    assert till.row.status == "requires_confirmation"
    assert till.confirm("cvctok_1")[0].status == "succeeded"
