"""Saving cards."""

from datetime import UTC, datetime

import pytest

from tests.integration.conftest import SECRET_KEY
from tests.support.api_client import ApiClient
from tests.support.aws import Aws
from tests.support.gateway import Gateway, claims_of
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
        "default": False,
        "usable_off_session": False,
        "cardholder_name": "Ada Lovelace",
        "billing_details": {
            "name": "Ada Lovelace",
            "email": None,
            "phone": None,
            "address": dict.fromkeys(["line1", "line2", "city", "state", "postal_code", "country"]),
        },
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


def test_a_card_detached_since_is_not_told_as_saved(ada: ApiClient, stripe: Simulator) -> None:
    payment_method_id = ada.attached(stripe.payment_method(VISA))
    stripe.post(SECRET_KEY, f"/v1/payment_methods/{payment_method_id}/detach")

    for _ in range(2):
        answer = ada.attach(payment_method_id)
        assert (answer.status, answer.code) == (404, "payment_method_not_found")
        stripe.forget_idempotency_keys()


@pytest.mark.parametrize(
    ("kind", "status"), [("remembered_500", 201), ("remembered_500_after", 200)]
)
def test_a_failure_that_stripe_remembers_does_not_keep_a_card_from_being_saved(
    ada: ApiClient, stripe: Simulator, kind: str, status: int
) -> None:
    payment_method_id = stripe.payment_method(VISA)
    ada.cards()
    stripe.fault("POST", "/v1/payment_methods/*/attach", kind)

    first, second = ada.attach(payment_method_id), ada.attach(payment_method_id)

    assert (first.status, second.status) == (status, 200)
    assert first.body == second.body
    assert len(ada.cards().body["data"]) == 1


def test_a_failure_that_stripe_remembers_does_not_give_away_somebody_elses_card(
    ada: ApiClient, bob: ApiClient, stripe: Simulator
) -> None:
    payment_method_id = bob.attached(stripe.payment_method(VISA))
    ada.cards()
    stripe.fault("POST", "/v1/payment_methods/*/attach", "remembered_500")

    answer = ada.attach(payment_method_id)

    assert (answer.status, answer.code) == (404, "payment_method_not_found")


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


@pytest.mark.parametrize("kind", ["remembered_500", "remembered_500_after"])
def test_a_first_step_survives_a_failure_that_stripe_remembers(
    aws: Aws, ada: ApiClient, stripe: Simulator, kind: str
) -> None:
    stripe.fault("POST", "/v1/customers", kind)

    assert ada.attach(stripe.payment_method(VISA)).status == 201

    (customer,) = stripe.listed(SECRET_KEY, "/v1/customers")
    (row,) = aws.rows("CustomersTable")
    assert row["stripe_customer_id"] == customer["id"]


def test_the_key_that_comes_next_is_kept_from_step_to_step(
    aws: Aws, ada: ApiClient, stripe: Simulator
) -> None:
    stripe.fault("POST", "/v1/customers", "remembered_500")
    stripe.fault("POST", "/v1/customers", "http_500", times=2)  # the SDK's own tries
    stripe.fault("POST", "/v1/customers", "remembered_500", times=4)  # three repeat the first one

    failed = ada.cards()
    assert failed.status == 503
    assert aws.rows("CustomersTable") == []
    failed = ada.cards()
    assert (failed.status, failed.body["retryable"]) == (503, True)
    (unfinished,) = aws.rows("CustomersTable")
    assert unfinished["key_generation"] == 2
    assert "stripe_customer_id" not in unfinished
    card = stripe.payment_method(VISA)
    order = {"product_id": "coffee", "payment_method_id": card}
    assert ada.create(**order).code == "payment_method_not_found"

    assert ada.attach(card).status == 201

    assert ada.create(**order).status == 201
    keys = [
        call["idempotency_key"]
        for call in stripe.calls()
        if call["path"] == "/v1/customers" and call["method"] == "POST"
    ]
    user_id = unfinished["user_id"]
    assert list(dict.fromkeys(keys)) == [
        f"customer-{user_id}", f"customer-{user_id}-g2", f"customer-{user_id}-g3"
    ]  # fmt: skip
    assert len(stripe.listed(SECRET_KEY, "/v1/customers")) == 1


def test_a_replacement_that_failed_is_made_with_the_next_key(
    aws: Aws, ada: ApiClient, stripe: Simulator
) -> None:
    ada.cards()
    (before,) = aws.rows("CustomersTable")
    stripe.delete(SECRET_KEY, f"/v1/customers/{before['stripe_customer_id']}")
    stripe.fault("POST", "/v1/customers", "remembered_500")
    stripe.forget_calls()

    assert ada.cards().body["data"] == []

    created = [call for call in stripe.calls() if call["method"] == "POST"]
    key = f"customer-{before['user_id']}-after-{before['stripe_customer_id']}"
    assert [created[0]["idempotency_key"], created[-1]["idempotency_key"]] == [key, f"{key}-g2"]
    (customer,) = stripe.listed(SECRET_KEY, "/v1/customers")
    (after,) = aws.rows("CustomersTable")
    assert after["stripe_customer_id"] == customer["id"]


def test_an_account_without_search_has_customers_too(
    aws: Aws, ada: ApiClient, stripe: Simulator
) -> None:
    stripe.search(available=False)
    stripe.fault("POST", "/v1/customers", "timeout_after", times=3)
    assert ada.cards().status == 503
    stripe.forget_idempotency_keys()

    assert ada.attach(stripe.payment_method(VISA)).status == 201

    assert len(stripe.listed(SECRET_KEY, "/v1/customers")) == 1
    assert len(aws.rows("CustomersTable")) == 1


def test_an_address_that_stripe_refuses_leads_to_a_customer_without_one(
    aws: Aws, stripe: Simulator
) -> None:
    ada = ApiClient(Gateway(claims_of("ada") | {"email": "ada@localhost"}))

    assert ada.attach(stripe.payment_method(VISA)).status == 201
    assert ada.cards().status == 200

    (customer,) = stripe.listed(SECRET_KEY, "/v1/customers")
    (row,) = aws.rows("CustomersTable")
    assert (customer["email"], row["email"]) == (None, "")


def test_a_customer_whom_stripe_refuses_for_good_is_not_asked_for_again(
    aws: Aws, ada: ApiClient, stripe: Simulator
) -> None:
    stripe.fault("POST", "/v1/customers", "refusal", code="parameter_invalid_string", param="name")

    answer = ada.cards()

    assert (answer.status, answer.code) == (422, "payment_refused")
    assert "retryable" not in answer.body
    assert [call["method"] for call in stripe.calls()].count("POST") == 1
    assert aws.rows("CustomersTable") == []
