"""What an answer says beside its body."""

import httpx
import pytest

from tests.simulator.conftest import Shopper, Steering

KEYED = {"Idempotency-Key": "k1"}


def test_every_answer_names_its_request(http: httpx.Client, steering: Steering) -> None:
    steering.fault("http_500", path="/v1/charges")

    for path in ("/v1/customers", "/v1/customers/cus_nope", "/v1/charges", "/v1/nothing"):
        assert http.get(path).headers["Request-Id"].startswith("req_")
    unauthorized = http.get("/v1/customers", headers={"Authorization": "Bearer sk_live_1"})
    assert unauthorized.headers["Request-Id"].startswith("req_")


def test_a_keyed_answer_names_the_request_that_was_worked_on(http: httpx.Client) -> None:
    first = http.post("/v1/customers", headers=KEYED)
    again = http.post("/v1/customers", headers=KEYED)

    for answer in (first, again):
        assert answer.headers["Original-Request"] == first.headers["Request-Id"]
        assert answer.headers["Idempotency-Key"] == "k1"
    assert again.headers["Request-Id"] != first.headers["Request-Id"]
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Original-Request" not in http.post("/v1/customers").headers


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("4000000000000002", "false"),
        ("4000000000009995", "false"),
        ("4000000000009987", "false"),
        ("4000000000000119", None),
    ],
)
def test_most_declines_are_not_worth_a_retry(
    shopper: Shopper, http: httpx.Client, number: str, said: str | None
) -> None:
    card = shopper.card(number)
    payment = {"amount": "1099", "currency": "eur", "payment_method": card.id, "confirm": "true"}

    answers = [http.post("/v1/payment_intents", data=payment, headers=KEYED) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [402, 402]
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert [answer.headers.get("Stripe-Should-Retry") for answer in answers] == [said, said]


def test_a_locked_object_is_worth_a_retry(http: httpx.Client, steering: Steering) -> None:
    steering.fault("lock_timeout")

    answer = http.post("/v1/customers")

    assert answer.headers["Stripe-Should-Retry"] == "true"
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_a_rate_limit_says_how_long_to_wait(http: httpx.Client, steering: Steering) -> None:
    steering.fault("rate_limit")

    answer = http.post("/v1/customers")

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")


def test_a_request_that_is_wrong_says_nothing_about_retries(http: httpx.Client) -> None:
    wrong = http.post("/v1/payment_intents", data={"amount": "0", "currency": "eur"})

    assert wrong.status_code == 400
    assert "Stripe-Should-Retry" not in wrong.headers
