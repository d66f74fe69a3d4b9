"""Reviews and early fraud warnings."""

import httpx
import pytest
import stripe

from tests.simulator.conftest import Shopper, Steering

REVIEWED = "4000000000009235"
WARNED = "4000000000005423"


def _types(shopper: Shopper) -> list[str]:
    """The types of all events, oldest first."""
    return [str(event.type) for event in shopper.server.events.list({"limit": 100}).data][::-1]


def _charge(shopper: Shopper, number: str, **params: object) -> stripe.Charge:
    intent = shopper.confirm(shopper.manual_intent(number, **params))
    return shopper.server.charges.retrieve(str(intent.latest_charge), {"expand": ["review"]})


def test_a_payment_of_elevated_risk_succeeds_and_is_put_into_review(shopper: Shopper) -> None:
    charge = _charge(shopper, REVIEWED)
    assert charge.paid
    assert charge.outcome is not None
    assert (charge.outcome.type, charge.outcome.risk_level) == ("manual_review", "elevated")
    review = charge["review"]
    assert (review["open"], review["reason"], review["closed_reason"]) == (True, "rule", None)
    intent = shopper.server.payment_intents.retrieve(str(charge.payment_intent))
    assert (intent.status, intent.review) == ("succeeded", review["id"])
    assert shopper.server.reviews.list().data[0].id == review["id"]
    assert _types(shopper)[-3:] == [
        "charge.succeeded",
        "review.opened",
        "payment_intent.succeeded",
    ]


def test_a_review_is_approved_once(shopper: Shopper) -> None:
    review_id = _charge(shopper, REVIEWED)["review"]["id"]
    review = shopper.server.reviews.approve(review_id)
    assert (review.open, review.reason, review.closed_reason) == (False, "approved", "approved")
    assert _types(shopper)[-1] == "review.closed"
    assert shopper.server.reviews.list().data == []
    with pytest.raises(stripe.APIError):
        shopper.server.reviews.approve(review_id)


@pytest.mark.parametrize(
    ("reason", "closed_reason"),
    [("fraudulent", "refunded_as_fraud"), ("requested_by_customer", "refunded")],
)
def test_a_full_refund_decides_a_review(shopper: Shopper, reason: str, closed_reason: str) -> None:
    charge = _charge(shopper, REVIEWED)
    shopper.server.refunds.create({"charge": charge.id, "amount": 1})
    assert shopper.server.reviews.retrieve(charge["review"]["id"]).open
    shopper.server.refunds.create({"charge": charge.id, "reason": reason})
    assert shopper.server.reviews.retrieve(charge["review"]["id"]).closed_reason == closed_reason


def test_a_dispute_and_a_cancellation_decide_a_review(shopper: Shopper, steering: Steering) -> None:
    disputed = _charge(shopper, REVIEWED)
    steering.post(f"/charges/{disputed.id}/disputes")
    held = _charge(shopper, REVIEWED, capture_method="manual")
    shopper.server.payment_intents.cancel(str(held.payment_intent))
    reasons = [
        shopper.server.reviews.retrieve(each["review"]["id"]).closed_reason
        for each in (disputed, held)
    ]
    assert reasons == ["disputed", "canceled"]


def test_any_charge_can_be_put_into_review(shopper: Shopper, steering: Steering) -> None:
    charge = _charge(shopper, "4242424242424242")
    review = steering.post(f"/charges/{charge.id}/reviews")
    assert (review["opened_reason"], review["charge"]) == ("manual", charge.id)
    with pytest.raises(httpx.HTTPStatusError, match="409"):
        steering.post(f"/charges/{charge.id}/reviews")
    closed = steering.post(f"/reviews/{review['id']}", {"closed_reason": "redacted"})
    assert (closed["open"], closed["closed_reason"]) == (False, "redacted")


def test_a_bank_warns_of_fraud_until_the_money_is_back(shopper: Shopper) -> None:
    charge = _charge(shopper, WARNED)
    [warning] = shopper.server.radar.early_fraud_warnings.list(
        {"payment_intent": str(charge.payment_intent)}
    ).data
    assert (warning.charge, warning.fraud_type) == (charge.id, "made_with_stolen_card")
    assert warning.actionable
    assert "radar.early_fraud_warning.created" in _types(shopper)
    shopper.server.refunds.create({"charge": charge.id})
    assert not shopper.server.radar.early_fraud_warnings.retrieve(warning.id).actionable
    assert _types(shopper)[-1] == "radar.early_fraud_warning.updated"


def test_any_charge_can_be_warned_of(shopper: Shopper, steering: Steering) -> None:
    charge = _charge(shopper, "4242424242424242")
    warning = steering.post(f"/charges/{charge.id}/early_fraud_warnings", {"fraud_type": "misc"})
    listed = shopper.server.radar.early_fraud_warnings.list({"charge": charge.id}).data
    assert [each.id for each in listed] == [warning["id"]]


def test_a_charge_names_the_radar_session_of_its_confirmation(shopper: Shopper) -> None:
    intent = shopper.manual_intent("4242424242424242")
    confirmed = shopper.confirm(intent, radar_options={"session": "rse_1"})
    charge = shopper.server.charges.retrieve(str(confirmed.latest_charge))
    assert charge["radar_options"]["session"] == "rse_1"
