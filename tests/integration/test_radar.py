"""Reviews and early fraud warnings, from Stripe's events to what is announced."""

from typing import Any

import pytest

from payments.domain.payment_event import type_of
from payments.repositories.payments import payment_from_item
from tests.integration.conftest import SECRET_KEY
from tests.support.api_client import ApiClient
from tests.support.aws import Aws
from tests.support.simulator_client import Simulator
from tests.support.webhooks import deliver, events

VISA = "4242424242424242"
ELEVATED_RISK = "4000000000009235"
WARNED_OF = "4000000000005423"
RADAR_SESSION = "rse_1QxJq2eZvKYlo2C0"


def announced(aws: Aws) -> list[str]:
    """The types of the events of the only payment, in order."""
    return [type_of(line) for line in payment_from_item(aws.payment()).history]


@pytest.fixture
def paid(ada: ApiClient, stripe: Simulator, request: pytest.FixtureRequest) -> dict[str, Any]:
    """Ada's payment with a card of this number."""
    number = getattr(request, "param", ELEVATED_RISK)
    card = ada.attached(stripe.payment_method(number))
    payment = ada.create(product_id="coffee", payment_method_id=card).body
    answer = ada.confirm(payment["payment_id"], cvc_token=stripe.cvc_token())
    assert (answer.status, answer.body["status"]) == (200, "succeeded")
    body: dict[str, Any] = answer.body
    return body


@pytest.mark.usefixtures("paid")
def test_a_payment_under_review_is_announced_as_that_until_it_is_approved(
    aws: Aws, stripe: Simulator
) -> None:
    assert announced(aws) == ["payment.created", "payment.review"]
    for event in (events(stripe, "payment_intent.succeeded") + events(stripe, "review.opened"))[:2]:
        assert deliver(event).body == {"outcome": "known"}
    stripe.close_review(aws.payment()["review"]["review_id"], "approved")
    assert deliver(events(stripe, "review.closed")[0]).body == {"outcome": "recorded"}
    assert announced(aws)[2:] == ["payment.review_closed", "payment.succeeded"]
    assert deliver(events(stripe, "review.closed")[0]).body == {"outcome": "known"}


def test_a_payment_that_is_refunded_as_fraud_is_never_announced_as_paid(
    aws: Aws, stripe: Simulator, paid: dict[str, Any]
) -> None:
    stripe.post(
        SECRET_KEY,
        "/v1/refunds",
        payment_intent=paid["payment_intent_id"],
        reason="fraudulent",
    )
    deliver(events(stripe, "review.closed")[0])
    assert announced(aws)[2:] == ["payment.refunded", "payment.review_closed"]
    assert aws.payment()["review"]["closed_reason"] == "refunded_as_fraud"


def test_its_payer_hears_nothing_of_it(
    ada: ApiClient, stripe: Simulator, paid: dict[str, Any]
) -> None:
    def told() -> list[str]:
        history = ada.payment(paid["payment_id"]).body["history"]
        return [line["to_status"] for line in history]

    assert told() == ["requires_confirmation", "succeeded"]
    (charge,) = stripe.listed(SECRET_KEY, "/v1/charges")
    stripe.warn_of_charge(charge["id"])
    deliver(events(stripe, "radar.early_fraud_warning.created")[0])
    stripe.close_review(charge["review"], "approved")
    assert told() == ["requires_confirmation", "succeeded"]
    assert "review" not in ada.payment(paid["payment_id"]).body


@pytest.mark.parametrize("paid", [WARNED_OF], indirect=True)
def test_a_warning_of_fraud_is_told_and_kept(
    aws: Aws, stripe: Simulator, paid: dict[str, Any]
) -> None:
    assert announced(aws) == ["payment.created", "payment.succeeded"]
    assert deliver(events(stripe, "radar.early_fraud_warning.created")[0]).body == {
        "outcome": "recorded"
    }
    assert announced(aws)[2:] == ["payment.early_fraud_warning"]
    [warning] = aws.payment()["fraud_warnings"]
    assert (warning["fraud_type"], warning["actionable"]) == ("made_with_stolen_card", True)
    stripe.post(SECRET_KEY, "/v1/refunds", payment_intent=paid["payment_intent_id"])
    deliver(events(stripe, "radar.early_fraud_warning.updated")[0])
    assert aws.payment()["fraud_warnings"][0]["actionable"] is False
    assert announced(aws)[3:] == ["payment.refunded"]


@pytest.mark.parametrize("paid", [VISA], indirect=True)
@pytest.mark.usefixtures("paid")
def test_a_payment_that_nobody_doubts_costs_one_call_to_stripe(aws: Aws, stripe: Simulator) -> None:
    assert announced(aws) == ["payment.created", "payment.succeeded"]
    asked = [call["path"] for call in stripe.calls()]
    assert not any("reviews" in path or "radar" in path for path in asked)


def test_what_stripe_js_saw_of_the_browser_goes_to_stripe(
    ada: ApiClient, stripe: Simulator
) -> None:
    card = ada.attached(stripe.payment_method(VISA))
    payment = ada.create(product_id="coffee", payment_method_id=card).body
    answer = ada.confirm(
        payment["payment_id"], cvc_token=stripe.cvc_token(), radar_session=RADAR_SESSION
    )
    assert answer.body["status"] == "succeeded"
    (charge,) = stripe.listed(SECRET_KEY, "/v1/charges")
    assert charge["radar_options"] == {"session": RADAR_SESSION}
    assert charge["customer"]
    assert charge["billing_details"]["name"]


def test_what_cannot_be_a_radar_session_is_refused(ada: ApiClient, stripe: Simulator) -> None:
    card = ada.attached(stripe.payment_method(VISA))
    payment = ada.create(product_id="coffee", payment_method_id=card).body
    answer = ada.confirm(payment["payment_id"], cvc_token=stripe.cvc_token(), radar_session="x")
    assert (answer.status, answer.body["errors"][0]["field"]) == (422, "radar_session")
