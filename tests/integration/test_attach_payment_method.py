"""Saving cards."""

from datetime import UTC, datetime

import pytest

from tests.integration.conftest import SECRET_KEY
from tests.support.api_client import ApiClient
from tests.support.aws import Aws
from tests.support.simulator_client import Simulator

VISA = "4242424242424242"


def test_a_card_is_saved_and_listed(ada: ApiClient, stripe: Simulator) -> None:
    payment_method_id = stripe.payment_method(VISA, exp_month=7, exp_year=2039)

    attached = ada.attach(payment_method_id)

    assert attached.status == 201
    created_at = attached.body.pop("created_at")
    assert datetime.fromisoformat(created_at) <= datetime.now(UTC)
    assert attached.body == {
        "payment_method_id": payment_method_id,
        "type": "card",
        "brand": "visa",
        "last4": "4242",
        "exp_month": 7,
        "exp_year": 2039,
        "expired": False,
        "cardholder_name": "Ada Lovelace",
    }
    cards = ada.cards()
    assert cards.status == 200
    assert cards.body == {
        "data": [attached.body | {"created_at": created_at}],
        "next_cursor": None,
    }


def test_attaching_twice_is_harmless(ada: ApiClient, stripe: Simulator) -> None:
    payment_method_id = stripe.payment_method(VISA)

    first, second = ada.attach(payment_method_id), ada.attach(payment_method_id)

    assert (first.status, second.status) == (201, 200)
    assert first.body == second.body
    assert len(ada.cards().body["data"]) == 1


def test_attaching_again_after_stripe_forgot_the_first_time_is_harmless_too(
    ada: ApiClient, stripe: Simulator
) -> None:
    payment_method_id = stripe.payment_method(VISA)
    first = ada.attach(payment_method_id)
    stripe.forget_idempotency_keys()

    second = ada.attach(payment_method_id)

    assert second.status in {200, 201}
    assert first.body == second.body


def test_a_card_declined_at_attach_is_refused_with_its_decline_code(
    ada: ApiClient, stripe: Simulator
) -> None:
    answer = ada.attach(stripe.payment_method("4000000000009995"))

    assert (answer.status, answer.code) == (402, "card_declined")
    assert answer.body["decline_code"] == "insufficient_funds"
    assert answer.body["retryable"] is True
    assert ada.cards().body["data"] == []


def test_a_stolen_card_is_not_worth_a_second_try(ada: ApiClient, stripe: Simulator) -> None:
    answer = ada.attach(stripe.payment_method("4000000000000069"))

    assert answer.body["decline_code"] == "expired_card"
    assert answer.body["retryable"] is False


@pytest.mark.parametrize("payment_method_id", ["pm_unknown", None])
def test_what_is_not_ones_own_is_not_found(
    ada: ApiClient, bob: ApiClient, stripe: Simulator, payment_method_id: str | None
) -> None:
    bobs = bob.attached(stripe.payment_method(VISA))

    answer = ada.attach(payment_method_id or bobs)

    assert (answer.status, answer.code) == (404, "payment_method_not_found")
    assert [card["payment_method_id"] for card in bob.cards().body["data"]] == [bobs]


def test_one_call_to_stripe_for_each(ada: ApiClient, stripe: Simulator) -> None:
    ada.cards()  # the person's customer exists from here on
    stripe.forget_calls()

    ada.attach(stripe.payment_method(VISA))
    ada.cards()

    assert [call["method"] for call in stripe.calls()] == ["POST", "GET"]


def test_a_customer_that_stripe_no_longer_knows_is_replaced(
    aws: Aws, ada: ApiClient, stripe: Simulator
) -> None:
    ada.cards()
    (before,) = aws.rows("CustomersTable")
    stripe.delete(SECRET_KEY, f"/v1/customers/{before['stripe_customer_id']}")

    assert ada.attach(stripe.payment_method(VISA)).status == 201

    (after,) = aws.rows("CustomersTable")
    assert after["stripe_customer_id"] != before["stripe_customer_id"]
    assert len(ada.cards().body["data"]) == 1
