"""The gateway's refunds, captures and holds: what Stripe is asked, and what its answers mean."""

from datetime import UTC, datetime
from typing import Any

import pytest

from payments.domain.errors import (
    AmountTooLargeError,
    FailureRememberedError,
    IdempotencyKeyReusedError,
    PaymentIntentMissingError,
    PaymentNotRefundableError,
    RateLimitedError,
)
from payments.domain.payment_intent import Refund
from payments.domain.refund import RequestedRefund
from payments.stripe_gateway.gateway import StripeGateway
from tests.support.fakes.stripe_transport import CannedStripe
from tests.unit.builders import LONG_AGO
from tests.unit.stripe_objects import a_list_of, an_intent_object

REFUSED = {"type": "invalid_request_error"}


def a_refund(**changes: Any) -> RequestedRefund:
    """Five euros that are to be given back."""
    return RequestedRefund(
        **{
            "payment_id": "pay_1",
            "refund_id": "ref_1",
            "amount": 500,
            "currency": "eur",
            "reason": "duplicate",
            "note": "A torn bag",
            "actor": "staff:sam",
            "request_hash": "abc",
            "created_at": LONG_AGO,
            "updated_at": LONG_AGO,
            **changes,
        }
    )


def a_paid_intent(*refunds: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An intent that succeeded, with its charge and these refunds."""
    charge = {
        "id": "ch_1",
        "object": "charge",
        "amount": 1099,
        "amount_captured": 1099,
        "disputed": False,
        "refunds": a_list_of(*refunds),
    }
    paid = {"status": "succeeded", "amount_received": 1099, "latest_charge": charge}
    return an_intent_object(**paid | changes)


def a_refund_object(**changes: Any) -> dict[str, Any]:
    """Stripe's refund of it."""
    return {
        "id": "re_1",
        "object": "refund",
        "amount": 500,
        "balance_transaction": "txn_1",
        "status": "succeeded",
        "reason": "duplicate",
        "created": 1_767_225_600,
        "metadata": {"refund_id": "ref_1"},
        **changes,
    }


def test_a_refund_is_asked_for_under_its_own_id_and_comes_with_the_intent(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given
    refund = a_refund_object()
    canned.answers(refund | {"payment_intent": a_paid_intent(refund)})
    # When
    intent = gateway.create_refund(a_refund(), "pi_1")
    # Then
    request = canned.only_request
    assert (request.method, request.path) == ("POST", "/v1/refunds")
    assert request.idempotency_key == "ref_1"
    assert request.params == {
        "payment_intent": "pi_1",
        "amount": "500",
        "reason": "duplicate",
        "metadata[refund_id]": "ref_1",
        "metadata[payment_id]": "pay_1",
        "metadata[actor]": "staff:sam",
        "metadata[request_hash]": "abc",
        "metadata[created_at]": "2020-01-01T00:00:00.000Z",
        "metadata[note]": "A torn bag",
        "metadata[stack]": "till-test",
        "expand[0]": "payment_intent.latest_charge",
        "expand[1]": "payment_intent.latest_charge.refunds",
    }
    created_at = "2026-01-01T00:00:00.000Z"
    made = Refund("re_1", 500, "succeeded", None, "ref_1", "duplicate", created_at)
    assert (intent.refunds, intent.amount_refunded) == ((made,), 500)


def test_each_generation_has_a_key_of_its_own(gateway: StripeGateway, canned: CannedStripe) -> None:
    canned.answers(a_refund_object(payment_intent=a_paid_intent()))
    gateway.create_refund(a_refund(key_generation=2, reason=None), "pi_1")
    assert canned.only_request.idempotency_key == "ref_1-g2"
    assert "reason" not in canned.only_request.params


@pytest.mark.parametrize(
    "earlier",
    [
        pytest.param(({"idempotent-replayed": "true"}, a_paid_intent()), id="replayed"),
        pytest.param(({}, "pi_1"), id="not expanded"),
    ],
)
def test_an_answer_that_may_be_older_is_looked_up(
    gateway: StripeGateway, canned: CannedStripe, earlier: tuple[dict[str, Any], object]
) -> None:
    headers, named = earlier
    canned.answers(a_refund_object(payment_intent=named), **headers)
    canned.answers(a_paid_intent(a_refund_object(status="failed")))
    intent = gateway.create_refund(a_refund(), "pi_1")
    assert [refund.status for refund in intent.refunds] == ["failed"]


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        (400, {"param": "amount", **REFUSED}, AmountTooLargeError),
        (
            400,
            {"code": "charge_already_refunded", **REFUSED},
            AmountTooLargeError,
        ),
        (
            400,
            {"code": "charge_disputed", **REFUSED},
            PaymentNotRefundableError,
        ),
        (400, REFUSED, PaymentNotRefundableError),
        (
            404,
            {
                "code": "resource_missing",
                "param": "payment_intent",
                "type": "invalid_request_error",
            },
            PaymentIntentMissingError,
        ),
        (400, {"type": "idempotency_error"}, IdempotencyKeyReusedError),
        (409, {"type": "idempotency_error"}, RateLimitedError),
        (429, {"code": "lock_timeout", **REFUSED}, RateLimitedError),
    ],
)
def test_what_a_refusal_of_a_refund_means(
    gateway: StripeGateway,
    canned: CannedStripe,
    status: int,
    error: dict[str, Any],
    expected: type[Exception],
) -> None:
    for _ in range(3):  # what may succeed, the SDK asks again
        canned.refuses(status, **error)
    with pytest.raises(expected):
        gateway.create_refund(a_refund(), "pi_1")


def test_a_failure_that_stripe_repeats_is_told_apart(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    for _ in range(3):
        canned.refuses(500, replayed=True, type="api_error")
    with pytest.raises(FailureRememberedError):
        gateway.create_refund(a_refund(), "pi_1")


def test_a_capture_names_its_amount_and_what_it_comes_with(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.answers(a_paid_intent(amount_received=500))
    intent = gateway.capture_payment_intent("pi_1", amount=500)
    request = canned.only_request
    assert (request.method, request.path) == ("POST", "/v1/payment_intents/pi_1/capture")
    assert request.params == {
        "amount_to_capture": "500",
        "expand[0]": "latest_charge",
        "expand[1]": "latest_charge.refunds",
    }
    assert (intent.status, intent.amount_received) == ("succeeded", 500)


def test_more_than_is_held_is_too_large(gateway: StripeGateway, canned: CannedStripe) -> None:
    canned.refuses(
        400, code="amount_too_large", param="amount_to_capture", type="invalid_request_error"
    )
    with pytest.raises(AmountTooLargeError):
        gateway.capture_payment_intent("pi_1", amount=5000)


def test_what_cannot_be_captured_any_more_comes_back_as_it_is(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    gone = an_intent_object(status="canceled", cancellation_reason="automatic")
    canned.refuses(
        400,
        code="payment_intent_unexpected_state",
        type="invalid_request_error",
        payment_intent=gone,
    )
    intent = gateway.capture_payment_intent("pi_1", amount=500)
    assert (intent.status, intent.hold_ran_out) == ("canceled", True)


@pytest.mark.parametrize(
    ("reason", "ran_out"),
    [("automatic", True), ("expired", True), ("abandoned", False), (None, False)],
)
def test_only_stripe_lets_a_hold_run_out(
    gateway: StripeGateway, canned: CannedStripe, reason: str | None, *, ran_out: bool
) -> None:
    canned.answers(an_intent_object(status="canceled", cancellation_reason=reason))
    assert gateway.retrieve_payment_intent("pi_1").hold_ran_out == ran_out


def test_a_hold_says_how_much_and_until_when(gateway: StripeGateway, canned: CannedStripe) -> None:
    until = int(datetime(2026, 12, 4, tzinfo=UTC).timestamp())
    charge = {
        "id": "ch_1",
        "object": "charge",
        "disputed": False,
        "payment_method_details": {"type": "card", "card": {"capture_before": until}},
        "refunds": a_list_of(),
    }
    held = {"status": "requires_capture", "amount_capturable": 1099, "latest_charge": charge}
    canned.answers(an_intent_object(**held))
    intent = gateway.retrieve_payment_intent("pi_1")
    assert (intent.amount_capturable, intent.capture_before) == (1099, "2026-12-04T00:00:00.000Z")


@pytest.mark.parametrize("reason", ["abandoned", "requested_by_customer"])
def test_a_cancellation_says_why(gateway: StripeGateway, canned: CannedStripe, reason: Any) -> None:
    canned.answers(an_intent_object(status="canceled"))
    gateway.cancel_payment_intent("pi_1", reason=reason)
    assert canned.only_request.params["cancellation_reason"] == reason
