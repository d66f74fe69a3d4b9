from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import stripe
from stripe._v1_services import V1Services

from tests.simulator.conftest import Shopper, Steering

INTENT = {"amount": "1099", "currency": "eur"}


def test_the_same_key_and_request_get_the_first_answer(server: V1Services) -> None:
    first = server.customers.create({"email": "a@example.com"}, {"idempotency_key": "k1"})
    again = server.customers.create({"email": "a@example.com"}, {"idempotency_key": "k1"})

    assert again.id == first.id
    assert first.last_response is not None
    assert again.last_response is not None
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert again.last_response.headers["Original-Request"] == first.last_response.request_id
    assert len(server.customers.list().data) == 1


def test_a_replay_is_the_first_answer_even_when_the_object_has_changed(shopper: Shopper) -> None:
    created = shopper.server.payment_intents.create(
        {"amount": 1099, "currency": "eur"}, {"idempotency_key": "k1"}
    )
    shopper.server.payment_intents.cancel(created.id)

    again = shopper.server.payment_intents.create(
        {"amount": 1099, "currency": "eur"}, {"idempotency_key": "k1"}
    )

    assert (again.id, again.status) == (created.id, "requires_payment_method")


def test_another_request_with_the_same_key_is_an_error(server: V1Services) -> None:
    server.customers.create({"email": "a@example.com"}, {"idempotency_key": "k1"})

    with pytest.raises(stripe.IdempotencyError) as other_params:
        server.customers.create({"email": "b@example.com"}, {"idempotency_key": "k1"})
    with pytest.raises(stripe.IdempotencyError) as other_path:
        server.setup_intents.create({}, {"idempotency_key": "k1"})

    assert other_params.value.http_status == 400
    assert other_path.value.http_status == 400


def test_a_decline_is_replayed(shopper: Shopper) -> None:
    intent = shopper.manual_intent("4000000000000341")

    for _ in range(2):
        with pytest.raises(stripe.CardError):
            shopper.server.payment_intents.confirm(intent.id, {}, {"idempotency_key": "k1"})

    assert len(shopper.server.charges.list({"payment_intent": intent.id}).data) == 1


def test_a_request_that_failed_validation_leaves_its_key_unused(server: V1Services) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        server.payment_intents.create({"amount": 1, "currency": "eur"}, {"idempotency_key": "k1"})

    created = server.payment_intents.create(
        {"amount": 1099, "currency": "eur"}, {"idempotency_key": "k1"}
    )

    assert created.amount == 1099


@pytest.mark.parametrize("kind", ["rate_limit", "lock_timeout", "http_500"])
def test_a_request_that_was_not_begun_leaves_its_key_unused(
    server: V1Services, steering: Steering, kind: str
) -> None:
    steering.fault(kind)
    with pytest.raises(stripe.StripeError):
        server.customers.create({}, {"idempotency_key": "k1"})

    created = server.customers.create({}, {"idempotency_key": "k1"})

    assert created.last_response is not None
    assert "Idempotent-Replayed" not in created.last_response.headers


def test_a_request_in_progress_is_a_conflict(http: httpx.Client, steering: Steering) -> None:
    steering.fault("latency", path="/v1/payment_intents", ms=400)
    headers = {"Idempotency-Key": "k1"}

    with ThreadPoolExecutor(2) as pool:
        requests = [
            pool.submit(http.post, "/v1/payment_intents", data=INTENT, headers=headers)
            for _ in range(2)
        ]
    answers = sorted((request.result() for request in requests), key=lambda r: r.status_code)

    assert [answer.status_code for answer in answers] == [200, 409]
    assert answers[1].json()["error"]["code"] == "idempotency_key_in_use"
    assert answers[1].json()["error"]["type"] == "idempotency_error"
    assert answers[1].headers["Stripe-Should-Retry"] == "true"
    replayed = http.post("/v1/payment_intents", data=INTENT, headers=headers)
    assert replayed.json()["id"] == answers[0].json()["id"]


def test_a_key_of_more_than_255_characters_is_refused(server: V1Services) -> None:
    server.customers.create({}, {"idempotency_key": "k" * 255})
    with pytest.raises(stripe.InvalidRequestError, match="255"):
        server.customers.create({}, {"idempotency_key": "k" * 256})


def test_a_day_later_a_key_is_forgotten(server: V1Services, steering: Steering) -> None:
    first = server.customers.create({}, {"idempotency_key": "k1"})

    assert steering.post("/idempotency_keys/expire") == {"expired": 1}

    assert server.customers.create({}, {"idempotency_key": "k1"}).id != first.id


@pytest.mark.parametrize(("kind", "made"), [("remembered_500", 0), ("remembered_500_after", 1)])
def test_an_answer_of_500_is_remembered_once_work_began(
    http: httpx.Client, server: V1Services, steering: Steering, kind: str, made: int
) -> None:
    steering.fault(kind, path="/v1/customers")
    headers = {"Idempotency-Key": "k1"}

    answers = [http.post("/v1/customers", headers=headers) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [500, 500, 500]
    assert all(answer.json() == answers[0].json() for answer in answers)
    assert answers[0].json()["error"]["type"] == "api_error"
    assert "Idempotent-Replayed" not in answers[0].headers
    assert answers[2].headers["Idempotent-Replayed"] == "true"
    assert len(server.customers.list().data) == made
    assert http.post("/v1/customers", headers={"Idempotency-Key": "k2"}).status_code == 200
    steering.post("/idempotency_keys/expire")
    assert http.post("/v1/customers", headers=headers).status_code == 200


def test_a_declined_charge_can_hide_behind_a_500(shopper: Shopper, steering: Steering) -> None:
    intent = shopper.manual_intent("4000000000000341")
    steering.fault("remembered_500_after", path="/v1/payment_intents/*/confirm")

    for _ in range(2):
        with pytest.raises(stripe.APIError):
            shopper.server.payment_intents.confirm(intent.id, {}, {"idempotency_key": "k1"})

    after = shopper.server.payment_intents.retrieve(intent.id)
    assert after.last_payment_error is not None
    assert after.last_payment_error.code == "card_declined"


def test_a_500_hides_no_request_that_failed_validation(
    server: V1Services, steering: Steering
) -> None:
    steering.fault("remembered_500_after")

    with pytest.raises(stripe.InvalidRequestError):
        server.payment_intents.create({"amount": 1, "currency": "eur"})


def test_each_account_has_its_own_keys(http: httpx.Client) -> None:
    ids = [
        http.post(
            "/v1/customers",
            headers={"Idempotency-Key": "k1", "Authorization": f"Bearer {key}"},
        ).json()["id"]
        for key in ("sk_test_simulator", "sk_test_other", "sk_test_rotated")
    ]

    assert ids[0] != ids[1]
    assert ids[2] == ids[0]
