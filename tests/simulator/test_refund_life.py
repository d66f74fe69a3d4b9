"""What becomes of a refund after it was made."""

import pytest
import stripe

from tests.simulator.conftest import Json, Shopper, Steering

FAILS_LATER = "4000000000005126"
PENDING = "4000000000007726"


def _paid(shopper: Shopper, number: str = "4242424242424242") -> stripe.PaymentIntent:
    return shopper.confirm(shopper.manual_intent(number))


def _refund(shopper: Shopper, intent: stripe.PaymentIntent, amount: int = 1099) -> stripe.Refund:
    return shopper.server.refunds.create({"payment_intent": intent.id, "amount": amount})


def _refunded(shopper: Shopper, intent: stripe.PaymentIntent) -> tuple[int, bool]:
    charge = shopper.server.charges.retrieve(str(intent.latest_charge))
    return charge.amount_refunded, charge.refunded


def _types_since(shopper: Shopper, event_type: str) -> list[str]:
    """What has happened since an event, oldest first."""
    types = [str(event.type) for event in shopper.server.events.list({"limit": 100}).data]
    return types[: types.index(event_type)][::-1]


def _move(steering: Steering, refund: stripe.Refund, status: str, **reason: str) -> Json:
    return steering.post(f"/refunds/{refund.id}", {"status": status, **reason})


def test_a_refund_can_fail_after_it_succeeded(shopper: Shopper, steering: Steering) -> None:
    intent = _paid(shopper, FAILS_LATER)
    refund = _refund(shopper, intent)
    assert refund.status == "succeeded"
    assert _refunded(shopper, intent) == (1099, True)

    failed = _move(steering, refund, "failed", failure_reason="lost_or_stolen_card")

    assert (failed["status"], failed["failure_reason"]) == ("failed", "lost_or_stolen_card")
    assert failed["failure_balance_transaction"].startswith("txn_")
    assert _refunded(shopper, intent) == (0, False)
    assert _types_since(shopper, "payment_intent.succeeded") == [
        "refund.created",
        "charge.refunded",
        "refund.updated",
        "charge.refund.updated",
        "refund.failed",
    ]
    updated = shopper.server.events.list({"type": "refund.updated"}).data[0]
    assert updated.data.previous_attributes is not None
    assert updated.data.previous_attributes["status"] == "succeeded"


def test_a_failed_refund_can_be_made_again(shopper: Shopper, steering: Steering) -> None:
    intent = _paid(shopper, FAILS_LATER)
    _move(steering, _refund(shopper, intent), "failed")

    assert _refund(shopper, intent).status == "succeeded"
    assert _refunded(shopper, intent) == (1099, True)


def test_a_pending_refund_counts_when_it_has_succeeded(
    shopper: Shopper, steering: Steering
) -> None:
    intent = _paid(shopper, PENDING)
    refund = _refund(shopper, intent, 1000)
    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    assert _refunded(shopper, intent) == (0, False)
    assert _types_since(shopper, "payment_intent.succeeded") == ["refund.created"]

    succeeded = _move(steering, refund, "succeeded")

    assert "pending_reason" not in succeeded
    assert _refunded(shopper, intent) == (1000, False)
    assert _types_since(shopper, "refund.created") == [
        "charge.refunded",
        "refund.updated",
        "charge.refund.updated",
    ]


def test_a_pending_refund_holds_its_part_back(shopper: Shopper) -> None:
    intent = _paid(shopper, PENDING)
    _refund(shopper, intent, 1000)

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        _refund(shopper, intent, 100)

    assert refusal.value.param == "amount"


def test_a_refund_that_waits_for_the_cardholder_can_be_canceled(
    shopper: Shopper, steering: Steering
) -> None:
    intent = _paid(shopper, PENDING)
    refund = _refund(shopper, intent)
    waiting = _move(steering, refund, "requires_action")
    assert waiting["next_action"]["type"] == "display_details"

    canceled = shopper.server.refunds.cancel(refund.id)

    assert (canceled.status, canceled.failure_reason) == ("canceled", "merchant_request")
    assert "next_action" not in canceled
    assert _refunded(shopper, intent) == (0, False)
    assert _refund(shopper, intent).status == "pending"


@pytest.mark.parametrize("number", [PENDING, FAILS_LATER])
def test_a_refund_to_a_card_can_not_be_canceled(shopper: Shopper, number: str) -> None:
    refund = _refund(shopper, _paid(shopper, number))

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shopper.server.refunds.cancel(refund.id)

    assert refusal.value.http_status == 400


def test_a_refund_canceled_in_the_dashboard_is_not_a_failed_one(
    shopper: Shopper, steering: Steering
) -> None:
    refund = _refund(shopper, _paid(shopper, PENDING))

    canceled = _move(steering, refund, "canceled")

    assert (canceled["status"], canceled["failure_reason"]) == ("canceled", "merchant_request")
    assert "refund.failed" not in _types_since(shopper, "refund.created")


@pytest.mark.parametrize(
    ("first", "then"), [("failed", "succeeded"), ("canceled", "pending"), ("failed", "canceled")]
)
def test_a_refund_that_has_ended_does_not_go_on(
    shopper: Shopper, steering: Steering, first: str, then: str
) -> None:
    refund = _refund(shopper, _paid(shopper, PENDING))
    _move(steering, refund, first)

    answer = steering.http.post(f"/_simulator/refunds/{refund.id}", json={"status": then})

    assert answer.status_code == 409


@pytest.mark.parametrize(
    "news", [{}, {"status": "lost"}, {"status": "succeeded", "failure_reason": "declined"}]
)
def test_news_of_a_refund_that_make_no_sense_are_refused(
    shopper: Shopper, steering: Steering, news: dict[str, str]
) -> None:
    refund = _refund(shopper, _paid(shopper, PENDING))

    answer = steering.http.post(f"/_simulator/refunds/{refund.id}", json=news)

    assert answer.status_code == 422


def test_the_bank_gives_a_refund_a_reference_later(shopper: Shopper, steering: Steering) -> None:
    refund = _refund(shopper, _paid(shopper))

    steering.post(f"/refunds/{refund.id}", {"reference": "123456"})

    traced = shopper.server.refunds.retrieve(refund.id)
    assert traced.destination_details is not None
    assert traced.destination_details.card is not None
    assert traced.destination_details.card.reference == "123456"
    assert traced.destination_details.card.reference_status == "available"
    assert _types_since(shopper, "charge.refunded") == ["refund.updated", "charge.refund.updated"]


def test_metadata_of_a_refund_can_be_changed(shopper: Shopper) -> None:
    refund = _refund(shopper, _paid(shopper))

    updated = shopper.server.refunds.update(refund.id, {"metadata": {"case": "7"}})
    shopper.server.refunds.update(refund.id, {"metadata": {"case": "7"}})

    assert updated.metadata is not None
    assert updated.metadata.to_dict() == {"case": "7"}
    assert _types_since(shopper, "charge.refunded") == ["refund.updated", "charge.refund.updated"]


@pytest.mark.parametrize(
    ("currency", "amount", "fraction"), [("kwd", 10_000, 5), ("isk", 100_000, 50)]
)
def test_a_refund_has_no_fraction_that_its_currency_lacks(
    shopper: Shopper, currency: str, amount: int, fraction: int
) -> None:
    intent = shopper.confirm(shopper.manual_intent(currency=currency, amount=amount))

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        _refund(shopper, intent, fraction)

    assert refusal.value.param == "amount"
