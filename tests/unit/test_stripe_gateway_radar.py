"""The gateway's reviews and early fraud warnings: what Stripe is asked, and what it may not say."""

from typing import Any

import pytest

from payments.domain.errors import PermissionMissingError
from payments.domain.radar import FraudWarning, Review
from payments.stripe_gateway.gateway import StripeGateway
from tests.support.fakes.stripe_transport import CannedStripe
from tests.unit.builders import a_payment
from tests.unit.stripe_objects import a_list_of, an_intent_object

NO_RIGHT = "Having the 'rak_review_read' permission would allow this request."


def a_paid_intent(**charge: Any) -> dict[str, Any]:
    """An intent that succeeded, with its charge."""
    of_charge = {
        "id": "ch_1",
        "object": "charge",
        "amount": 1099,
        "amount_captured": 1099,
        "disputed": False,
        "refunds": a_list_of(),
        **charge,
    }
    return an_intent_object(status="succeeded", amount_received=1099, latest_charge=of_charge)


def a_review_object(**changes: Any) -> dict[str, Any]:
    """Stripe's review of it."""
    return {"id": "prv_1", "object": "review", "open": True, "closed_reason": None, **changes}


def test_a_review_is_read_where_the_charge_names_one(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.answers(a_paid_intent(review="prv_1"))
    canned.answers(a_review_object(open=False, closed_reason="approved"))
    intent = gateway.retrieve_payment_intent("pi_1")
    assert intent.review == Review("prv_1", open=False, closed_reason="approved")
    assert intent.fraud_warnings is None
    assert [request.path for request in canned.requests] == [
        "/v1/payment_intents/pi_1",
        "/v1/reviews/prv_1",
    ]


def test_a_charge_that_waits_for_its_review_is_under_review(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.answers(a_paid_intent(review=None, outcome={"type": "manual_review"}))
    assert gateway.retrieve_payment_intent("pi_1").review == Review(None, open=True)


@pytest.mark.parametrize("charge", [{}, {"review": None, "outcome": {"type": "authorized"}}])
def test_any_other_charge_has_none_and_costs_no_call(
    gateway: StripeGateway, canned: CannedStripe, charge: dict[str, Any]
) -> None:
    canned.answers(a_paid_intent(**charge))
    assert gateway.retrieve_payment_intent("pi_1").review is None
    assert len(canned.requests) == 1


def test_to_a_key_that_may_not_read_it_a_review_stays_open(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.answers(a_paid_intent(review="prv_1"))
    canned.refuses(403, message=NO_RIGHT)
    assert gateway.retrieve_payment_intent("pi_1").review == Review("prv_1", open=True)


def test_an_event_of_radar_comes_again_until_the_key_may_read_the_review(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.answers(a_paid_intent(review="prv_1"))
    canned.refuses(403, message=NO_RIGHT)
    with pytest.raises(PermissionMissingError):
        gateway.retrieve_payment_intent("pi_1", of_radar=True)


def test_warnings_are_listed_oldest_first_for_an_event_of_radar(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    warning = {"object": "radar.early_fraud_warning", "fraud_type": "misc", "actionable": True}
    canned.answers(a_paid_intent())
    canned.answers(
        a_list_of(
            warning | {"id": "issfr_2", "created": 1_767_225_601},
            warning | {"id": "issfr_1", "created": 1_767_225_600},
        )
    )
    intent = gateway.retrieve_payment_intent("pi_1", of_radar=True)
    assert intent.fraud_warnings == (
        FraudWarning("issfr_1", "misc", actionable=True, created_at="2026-01-01T00:00:00.000Z"),
        FraudWarning("issfr_2", "misc", actionable=True, created_at="2026-01-01T00:00:01.000Z"),
    )
    request = canned.requests[-1]
    assert request.path.startswith("/v1/radar/early_fraud_warnings")
    assert request.params == {"payment_intent": "pi_1", "limit": "100"}


@pytest.mark.parametrize("session", ["rse_1", None])
def test_a_radar_session_goes_along_with_the_confirmation(
    gateway: StripeGateway, canned: CannedStripe, session: str | None
) -> None:
    canned.answers(a_paid_intent())
    gateway.confirm_payment_intent(
        "pi_1", payment=a_payment(), cvc_token="cvctok_1", radar_session=session
    )
    assert canned.only_request.params.get("radar_options[session]") == session
