"""What Stripe refuses for good: no second run of reconciliation asks for it again."""

from typing import Any

import pytest

from tests.integration.conftest import SECRET_KEY
from tests.support.api_client import ApiClient
from tests.support.aws import Aws
from tests.support.gateway import run
from tests.support.simulator_client import Simulator

VISA = "4242424242424242"
LONG_AGO = "2026-01-01T00:00:00.000Z"

# What a `refusal` of the simulator can be, as Stripe words it.
REFUSALS: dict[str, dict[str, Any]] = {
    "neither code nor param": {},
    "a detached card": {"message": "The provided PaymentMethod may not be used again."},
    "an unknown card": {"code": "resource_missing", "param": "payment_method"},
    "an unknown customer": {"code": "resource_missing", "param": "customer", "status": 404},
    "an unknown parameter": {"code": "parameter_unknown", "param": "nonsense"},
    "a missing parameter": {"code": "parameter_missing", "param": "amount"},
    "too little": {"code": "amount_too_small", "param": "amount"},
    "too much": {"code": "amount_too_large", "param": "amount"},
    "an odd amount": {"code": "invalid_charge_amount", "param": "amount"},
    "a currency": {"code": "currency_not_supported", "param": "currency"},
    "a limit of the account": {"code": "charge_exceeds_transaction_limit"},
    "a decline": {"type": "card_error", "code": "card_declined", "status": 402},
    "gone": {"status": 404},
    "a code of next year": {"code": "something_new", "status": 422},
}


@pytest.fixture
def card(ada: ApiClient, stripe: Simulator) -> str:
    """Ada's saved card."""
    return ada.attached(stripe.payment_method(VISA))


def cut_off(aws: Aws, ada: ApiClient, stripe: Simulator, card: str) -> None:
    """A payment whose creation never reached Stripe."""
    stripe.fault("POST", "/v1/payment_intents", "timeout_before", times=3)
    ada.create(product_id="coffee", payment_method_id=card)
    assert aws.payment()["status"] == "pending"


def twice(stripe: Simulator, method: str, path: str) -> tuple[int, int]:
    """Reconcile two times, and return how often Stripe was asked for this in each."""
    stripe.age_events(days=2)  # the events are another road to the payment
    asked = []
    for _ in range(2):
        stripe.forget_calls()
        run("reconcile_payments", {"older_than_minutes": -1})
        calls = [(call["method"], call["path"]) for call in stripe.calls()]
        asked.append(calls.count((method, path)))
    return asked[0], asked[1]


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_creation(aws: Aws, ada: ApiClient, stripe: Simulator, card: str, refusal: str) -> None:
    cut_off(aws, ada, stripe, card)
    stripe.fault("POST", "/v1/payment_intents", "refusal", times=9, **REFUSALS[refusal])

    assert twice(stripe, "POST", "/v1/payment_intents") == (1, 0)

    row = aws.payment()
    assert (row["status"], "open" in row) == ("refused", False)


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_look_for_what_a_creation_led_to(
    aws: Aws, ada: ApiClient, stripe: Simulator, card: str, refusal: str
) -> None:
    cut_off(aws, ada, stripe, card)
    aws.put_payment(aws.payment() | {"created_at": LONG_AGO})
    stripe.fault("GET", "/v1/payment_intents", "refusal", times=9, **REFUSALS[refusal])

    assert twice(stripe, "GET", "/v1/payment_intents") == (1, 0)

    assert "open" not in aws.payment()


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_look_at_an_intent(
    aws: Aws, ada: ApiClient, stripe: Simulator, card: str, refusal: str
) -> None:
    intent = ada.create(product_id="coffee", payment_method_id=card).body["payment_intent_id"]
    path = f"/v1/payment_intents/{intent}"
    stripe.fault("GET", path, "refusal", times=9, **REFUSALS[refusal])
    # While it may have been charged, every run looks at it.
    assert twice(stripe, "GET", path) == (1, 1)

    aws.put_payment(aws.payment() | {"updated_at": LONG_AGO})
    assert twice(stripe, "GET", path) == (1, 0)

    row = aws.payment()
    assert (row["status"], "open" in row) == ("lost_at_stripe", False)


@pytest.mark.parametrize("refusal", REFUSALS)
def test_the_cancellation_of_what_was_abandoned(
    aws: Aws, ada: ApiClient, stripe: Simulator, card: str, refusal: str
) -> None:
    intent = ada.create(product_id="coffee", payment_method_id=card).body["payment_intent_id"]
    aws.put_payment(aws.payment() | {"updated_at": LONG_AGO})
    path = f"/v1/payment_intents/{intent}/cancel"
    stripe.fault("POST", path, "refusal", times=9, **REFUSALS[refusal])

    assert twice(stripe, "POST", path) == (1, 0)

    row = aws.payment()
    assert (row["status"], "open" in row) == ("refused", False)


@pytest.mark.parametrize("what", ["card", "customer"])
def test_a_creation_with_what_is_gone(
    aws: Aws, ada: ApiClient, stripe: Simulator, card: str, what: str
) -> None:
    cut_off(aws, ada, stripe, card)
    if what == "card":
        stripe.post(SECRET_KEY, f"/v1/payment_methods/{card}/detach")
    else:
        stripe.delete(SECRET_KEY, f"/v1/customers/{aws.payment()['stripe_customer_id']}")

    assert twice(stripe, "POST", "/v1/payment_intents") == (1, 0)

    row = aws.payment()
    assert (row["status"], "open" in row) == ("refused", False)


def test_an_intent_that_our_account_no_longer_has(
    aws: Aws, ada: ApiClient, card: str, stripe: Simulator
) -> None:
    ada.create(product_id="coffee", payment_method_id=card)
    row = aws.payment() | {"payment_intent_id": "pi_gone"}
    aws.put_payment(row | {"account_id": "acct_1SimulatorAccount"})

    assert twice(stripe, "GET", "/v1/payment_intents/pi_gone") == (1, 0)

    assert aws.payment()["status"] == "lost_at_stripe"
