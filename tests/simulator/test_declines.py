from typing import Any

import pytest
import stripe

from tests.simulator.conftest import Shopper, Steering


def _declined(shopper: Shopper, intent: stripe.PaymentIntent, **params: Any) -> stripe.CardError:
    with pytest.raises(stripe.CardError) as decline:
        shopper.confirm(intent, **params)
    return decline.value


def test_a_decline_is_402_and_says_all_that_stripe_says(shopper: Shopper) -> None:
    intent = shopper.manual_intent("4000000000000341")

    decline = _declined(shopper, intent)

    assert (decline.http_status, decline.code) == (402, "card_declined")
    error = decline.error
    assert error is not None
    assert (error.type, error.decline_code) == ("card_error", "generic_decline")
    assert error.message
    assert error.payment_intent is not None
    assert error.payment_intent.id == intent.id
    assert error.payment_intent.status == "requires_payment_method"
    assert error.payment_method is not None
    assert error.payment_method.id == intent.payment_method
    assert error.charge is not None
    assert shopper.server.charges.retrieve(error.charge).status == "failed"


def test_a_declined_intent_has_lost_its_card_and_keeps_the_reason(shopper: Shopper) -> None:
    intent = shopper.manual_intent("4000000000000341")
    _declined(shopper, intent)

    after = shopper.server.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})

    assert (after.status, after.payment_method) == ("requires_payment_method", None)
    assert after.last_payment_error is not None
    assert after.last_payment_error.code == "card_declined"
    assert after.last_payment_error.decline_code == "generic_decline"
    assert after.last_payment_error.payment_method is not None
    assert isinstance(after.latest_charge, stripe.Charge)
    assert after.latest_charge.outcome is not None
    assert after.latest_charge.outcome.reason == "generic_decline"
    assert after.latest_charge.amount_captured == 0
    assert after.amount_received == 0


def test_a_declined_intent_can_be_paid_with_another_card(shopper: Shopper) -> None:
    intent = shopper.manual_intent("4000000000000341")
    _declined(shopper, intent)
    customer = shopper.server.customers.retrieve(str(intent.customer))

    paid = shopper.confirm(intent, payment_method=shopper.saved_card(customer).id)

    assert paid.status == "succeeded"
    assert paid.last_payment_error is None
    statuses = [
        charge.status for charge in shopper.server.charges.list({"payment_intent": intent.id}).data
    ]
    assert statuses == ["succeeded", "failed"]


def test_confirming_a_declined_intent_without_a_new_card_is_refused(shopper: Shopper) -> None:
    intent = shopper.manual_intent("4000000000000341")
    _declined(shopper, intent)

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shopper.confirm(intent)

    assert refusal.value.code == "payment_intent_unexpected_state"


def test_a_card_may_be_declined_after_its_challenge(shopper: Shopper, steering: Steering) -> None:
    intent = shopper.manual_intent("4000008260003178")
    assert shopper.confirm(intent).status == "requires_action"
    steering.answer_challenge(intent.id, "succeed")

    decline = _declined(shopper, intent)

    assert decline.error is not None
    assert decline.error.decline_code == "insufficient_funds"


def test_a_disputed_card_is_charged_first(shopper: Shopper) -> None:
    intent = shopper.confirm(shopper.manual_intent("4000000000000259"))

    assert intent.status == "succeeded"
    charge = shopper.server.charges.retrieve(str(intent.latest_charge))
    assert charge.disputed is True
    dispute = shopper.server.disputes.list({"payment_intent": intent.id}).data[0]
    assert (dispute.charge, dispute.amount, dispute.reason) == (charge.id, 1099, "fraudulent")
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shopper.server.refunds.create({"charge": charge.id})
    assert refusal.value.code == "charge_disputed"
