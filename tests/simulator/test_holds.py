"""Money that is held first, and captured, let go of, or forgotten."""

import time
from typing import Any

import pytest
import stripe

from tests.simulator.conftest import Json, Shopper, Steering

DAY = 24 * 3600


def _held(shopper: Shopper, **params: Any) -> stripe.PaymentIntent:
    return shopper.confirm(shopper.manual_intent(capture_method="manual", **params))


def _capture(shopper: Shopper, intent: stripe.PaymentIntent, amount: int) -> stripe.PaymentIntent:
    return shopper.server.payment_intents.capture(intent.id, {"amount_to_capture": amount})


def _charge(shopper: Shopper, intent: stripe.PaymentIntent) -> stripe.Charge:
    return shopper.server.charges.retrieve(str(intent.latest_charge), {"expand": ["refunds"]})


def _capture_before(charge: stripe.Charge) -> int | None:
    assert charge.payment_method_details is not None
    assert charge.payment_method_details.card is not None
    return charge.payment_method_details.card.capture_before


def _types_since_creation(shopper: Shopper) -> list[str]:
    types = [str(event.type) for event in shopper.server.events.list({"limit": 100}).data]
    return types[: types.index("payment_intent.created")][::-1]


def _hold(steering: Steering, intent: stripe.PaymentIntent, **news: object) -> Json:
    return steering.post(f"/payment_intents/{intent.id}/hold", news)


def test_a_charge_is_held_until_a_moment_that_it_tells(shopper: Shopper) -> None:
    intent = _held(shopper)

    assert (intent.status, intent.amount_capturable, intent.amount_received) == (
        "requires_capture",
        1099,
        0,
    )
    charge = _charge(shopper, intent)
    assert (charge.captured, charge.paid, charge.amount_captured) == (False, True, 0)
    assert charge.balance_transaction is None
    assert _capture_before(charge) == pytest.approx(time.time() + 7 * DAY, abs=60)
    assert _types_since_creation(shopper) == [
        "charge.succeeded",
        "payment_intent.amount_capturable_updated",
    ]


def test_what_is_charged_at_once_has_no_such_moment(shopper: Shopper) -> None:
    assert _capture_before(_charge(shopper, shopper.confirm(shopper.manual_intent()))) is None


@pytest.mark.parametrize(("token", "days"), [("tok_visa", 5), ("tok_mastercard", 7)])
def test_some_banks_hold_less_long_in_absence(shopper: Shopper, token: str, days: int) -> None:
    customer = shopper.customer()
    card = shopper.server.payment_methods.create({"type": "card", "card": {"token": token}})
    shopper.server.setup_intents.create(
        {
            "customer": customer.id,
            "payment_method": card.id,
            "usage": "off_session",
            "confirm": True,
            "return_url": "https://shop.example/",
        }
    )
    intent = shopper.server.payment_intents.create(
        {
            "amount": 1099,
            "currency": "eur",
            "customer": customer.id,
            "payment_method": card.id,
            "capture_method": "manual",
            "confirm": True,
            "off_session": True,
        }
    )

    held_until = _capture_before(_charge(shopper, intent))
    assert held_until == pytest.approx(time.time() + days * DAY, abs=60)


def test_capturing_less_lets_go_of_the_rest_which_counts_as_a_refund(shopper: Shopper) -> None:
    intent = _held(shopper)

    captured = _capture(shopper, intent, 1000)

    assert (captured.status, captured.amount_received, captured.amount_capturable) == (
        "succeeded",
        1000,
        0,
    )
    charge = _charge(shopper, intent)
    assert (charge.captured, charge.amount_captured, charge.amount_refunded) == (True, 1000, 99)
    assert charge.refunded is False
    assert charge.refunds is not None
    (released,) = charge.refunds.data
    assert (released.amount, released.status, released.balance_transaction) == (
        99,
        "succeeded",
        None,
    )
    assert _types_since_creation(shopper)[2:] == [
        "charge.captured",
        "charge.refunded",
        "payment_intent.succeeded",
    ]


def test_no_more_is_refunded_than_was_captured(shopper: Shopper) -> None:
    intent = _held(shopper)
    _capture(shopper, intent, 1000)

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shopper.server.refunds.create({"payment_intent": intent.id, "amount": 1001})
    assert refusal.value.param == "amount"
    shopper.server.refunds.create({"payment_intent": intent.id, "amount": 1000})

    charge = _charge(shopper, intent)
    assert (charge.amount_refunded, charge.refunded) == (1099, True)


@pytest.mark.parametrize(
    ("amount", "code"),
    [(1100, "amount_too_large"), (0, "parameter_invalid_integer")],
)
def test_what_is_not_held_can_not_be_captured(shopper: Shopper, amount: int, code: str) -> None:
    intent = _held(shopper)

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        _capture(shopper, intent, amount)

    assert (refusal.value.param, refusal.value.code) == ("amount_to_capture", code)
    assert _capture(shopper, intent, 1099).status == "succeeded"


def test_a_capture_has_no_fraction_that_its_currency_lacks(shopper: Shopper) -> None:
    intent = _held(shopper, currency="kwd", amount=10_000)

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        _capture(shopper, intent, 9_995)

    assert refusal.value.param == "amount_to_capture"


def test_only_what_is_held_is_captured_and_only_once(shopper: Shopper) -> None:
    unpaid = shopper.manual_intent(capture_method="manual")
    captured = _held(shopper)
    _capture(shopper, captured, 1000)
    canceled = _held(shopper)
    shopper.server.payment_intents.cancel(canceled.id)

    for intent in (unpaid, captured, canceled):
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            shopper.server.payment_intents.capture(intent.id)
        assert refusal.value.code == "payment_intent_unexpected_state"
        assert refusal.value.error is not None
        assert refusal.value.error.payment_intent is not None
        assert refusal.value.error.payment_intent.id == intent.id


def test_one_key_captures_once_and_gets_the_same_answer(shopper: Shopper) -> None:
    intent = _held(shopper)

    answers = [
        shopper.server.payment_intents.capture(
            intent.id, {"amount_to_capture": 1000}, {"idempotency_key": "capture-1"}
        )
        for _ in range(2)
    ]

    assert [answer.amount_received for answer in answers] == [1000, 1000]
    with pytest.raises(stripe.IdempotencyError):
        shopper.server.payment_intents.capture(
            intent.id, {"amount_to_capture": 999}, {"idempotency_key": "capture-1"}
        )


def test_a_capture_may_name_the_suffix_on_the_statement(shopper: Shopper) -> None:
    intent = _held(shopper, statement_descriptor_suffix="ORDER 1")
    assert _charge(shopper, intent).calculated_statement_descriptor == "SIMULATOR* ORDER 1"

    shopper.server.payment_intents.capture(intent.id, {"statement_descriptor_suffix": "ORDER 2"})

    assert _charge(shopper, intent).calculated_statement_descriptor == "SIMULATOR* ORDER 2"
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shopper.server.payment_intents.capture(
            _held(shopper).id, {"statement_descriptor_suffix": "4711"}
        )
    assert refusal.value.param == "statement_descriptor_suffix"


def test_canceling_lets_go_of_what_was_held(shopper: Shopper) -> None:
    intent = _held(shopper)

    canceled = shopper.server.payment_intents.cancel(intent.id)

    assert (canceled.status, canceled.amount_capturable, canceled.amount_received) == (
        "canceled",
        0,
        0,
    )
    charge = _charge(shopper, intent)
    assert (charge.captured, charge.refunded, charge.amount_refunded) == (False, True, 1099)
    assert charge.refunds is not None
    assert [(refund.amount, refund.reason) for refund in charge.refunds.data] == [(1099, None)]
    assert _types_since_creation(shopper)[2:] == ["charge.refunded", "payment_intent.canceled"]


@pytest.mark.parametrize("reason", ["automatic", "expired"])
def test_a_hold_that_nobody_captures_runs_out(
    shopper: Shopper, steering: Steering, reason: str
) -> None:
    intent = _held(shopper)

    _hold(steering, intent, expired=True, cancellation_reason=reason)

    expired = shopper.server.payment_intents.retrieve(intent.id)
    assert (expired.status, expired.cancellation_reason) == ("canceled", reason)
    assert (expired.amount_capturable, expired.amount_received) == (0, 0)
    charge = _charge(shopper, intent)
    assert (charge.captured, charge.refunded) == (False, True)
    assert charge.refunds is not None
    assert [refund.reason for refund in charge.refunds.data] == ["expired_uncaptured_charge"]
    assert (_capture_before(charge) or 0) < time.time()
    assert _types_since_creation(shopper)[2:] == ["charge.expired", "payment_intent.canceled"]


def test_past_the_deadline_nothing_is_captured_even_before_stripe_cancels(
    shopper: Shopper, steering: Steering
) -> None:
    intent = _held(shopper)
    _hold(steering, intent, capture_before=int(time.time()) - 1)

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        _capture(shopper, intent, 1099)

    assert refusal.value.code == "charge_expired_for_capture"
    assert shopper.server.payment_intents.retrieve(intent.id).status == "requires_capture"


def test_only_a_hold_runs_out(shopper: Shopper, steering: Steering) -> None:
    paid = shopper.confirm(shopper.manual_intent())

    answer = steering.http.post(
        f"/_simulator/payment_intents/{paid.id}/hold", json={"expired": True}
    )

    assert answer.status_code == 409


def test_what_is_held_is_not_refunded_but_canceled(shopper: Shopper) -> None:
    intent = _held(shopper)

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shopper.server.refunds.create({"payment_intent": intent.id})
    assert "cancel the PaymentIntent" in str(refusal.value.user_message)

    shopper.server.payment_intents.cancel(intent.id)
    with pytest.raises(stripe.InvalidRequestError) as after:
        shopper.server.refunds.create({"payment_intent": intent.id})
    assert after.value.code == "charge_already_refunded"


def test_a_cardholder_disputes_only_what_was_captured(shopper: Shopper) -> None:
    intent = _held(shopper, number="4000000000000259")
    assert shopper.server.disputes.list({"payment_intent": intent.id}).data == []

    _capture(shopper, intent, 1099)

    assert len(shopper.server.disputes.list({"payment_intent": intent.id}).data) == 1


def test_a_charge_comes_with_its_ten_latest_refunds(shopper: Shopper) -> None:
    intent = shopper.confirm(shopper.manual_intent())
    made = [
        shopper.server.refunds.create({"payment_intent": intent.id, "amount": 1}).id
        for _ in range(11)
    ]

    refunds = _charge(shopper, intent).refunds

    assert refunds is not None
    assert [refund.id for refund in refunds.data] == made[:0:-1]
    assert refunds.has_more is True
    listed = shopper.server.refunds.list({"payment_intent": intent.id, "limit": 100})
    assert [refund.id for refund in listed.data] == made[::-1]
