import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import stripe
from stripe._v1_services import V1Services

from tests.simulator.conftest import Shopper, Steering


def _customers(server: V1Services) -> int:
    return len(server.customers.list().data)


def test_http_500_does_nothing_and_says_so(server: V1Services, steering: Steering) -> None:
    steering.fault("http_500", method="POST", path="/v1/customers", times=2)

    for _ in range(2):
        with pytest.raises(stripe.APIError) as failure:
            server.customers.create({})
        assert failure.value.http_status == 500

    assert _customers(server) == 0
    server.customers.create({})
    assert _customers(server) == 1


def test_a_rate_limit_is_429(server: V1Services, steering: Steering) -> None:
    steering.fault("rate_limit")

    with pytest.raises(stripe.RateLimitError) as failure:
        server.customers.create({})

    assert failure.value.http_status == 429
    assert failure.value.error is not None
    assert failure.value.error.code == "rate_limit"


def test_a_lock_timeout_is_429_and_worth_a_retry(http: httpx.Client, steering: Steering) -> None:
    steering.fault("lock_timeout")

    answer = http.post("/v1/customers")

    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "lock_timeout"
    assert answer.headers["Stripe-Should-Retry"] == "true"


def test_a_reset_connection_did_nothing(
    http: httpx.Client, server: V1Services, steering: Steering
) -> None:
    steering.fault("connection_reset", method="POST")

    with pytest.raises(httpx.ReadError):  # and not the RemoteProtocolError of an orderly end
        http.post("/v1/customers")

    assert _customers(server) == 0


def test_a_timeout_before_did_nothing(
    http: httpx.Client, server: V1Services, steering: Steering
) -> None:
    steering.fault("timeout_before", method="POST", ms=50)

    started = time.monotonic()
    with pytest.raises(httpx.RemoteProtocolError):
        http.post("/v1/customers")

    assert time.monotonic() - started >= 0.05
    assert _customers(server) == 0


def test_a_timeout_after_did_it_and_the_answer_is_lost(
    http: httpx.Client, server: V1Services, steering: Steering
) -> None:
    steering.fault("timeout_after", method="POST", ms=50)
    headers = {"Idempotency-Key": "k1"}

    with pytest.raises(httpx.RemoteProtocolError):
        http.post("/v1/customers", headers=headers)

    assert _customers(server) == 1
    again = http.post("/v1/customers", headers=headers)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert _customers(server) == 1


def test_a_client_that_gives_up_does_not_wait_for_the_end(
    http: httpx.Client, steering: Steering
) -> None:
    steering.fault("timeout_before", method="POST", ms=60_000)

    with pytest.raises(httpx.ReadTimeout):
        http.post("/v1/customers", timeout=0.1)

    assert http.get("/_simulator/health").json() == {"status": "ok"}


def test_the_sdk_gets_over_a_lost_answer_by_itself(server: V1Services, steering: Steering) -> None:
    url = str(steering.http.base_url).rstrip("/")
    retrying = stripe.StripeClient(
        "sk_test_simulator", base_addresses={"api": url}, max_network_retries=2
    )
    steering.fault("timeout_after", method="POST", ms=1)

    retrying.v1.customers.create({})

    assert _customers(server) == 1


def test_latency_delays_the_answer(http: httpx.Client, steering: Steering) -> None:
    steering.fault("latency", ms=100)

    started = time.monotonic()
    assert http.post("/v1/customers").status_code == 200

    assert time.monotonic() - started >= 0.1


def test_concurrent_work_on_one_object_waits_and_then_gives_up(
    shopper: Shopper, http: httpx.Client, steering: Steering
) -> None:
    intent = shopper.manual_intent()
    path = f"/v1/payment_intents/{intent.id}/confirm"
    steering.fault("latency", path="/v1/payment_intents/*/confirm", ms=1500)

    with ThreadPoolExecutor(2) as pool:
        requests = [pool.submit(http.post, path) for _ in range(2)]

    answers = sorted((request.result() for request in requests), key=lambda r: r.status_code)
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[1].json()["error"]["code"] == "lock_timeout"


def test_concurrent_work_on_one_object_is_done_in_turn(
    shopper: Shopper, http: httpx.Client, steering: Steering
) -> None:
    intent = shopper.manual_intent()
    path = f"/v1/payment_intents/{intent.id}/confirm"
    steering.fault("latency", path=path, ms=200)

    with ThreadPoolExecutor(2) as pool:
        requests = [pool.submit(http.post, path) for _ in range(2)]

    answers = sorted((request.result() for request in requests), key=lambda r: r.status_code)
    assert [answer.status_code for answer in answers] == [200, 400]
    assert answers[1].json()["error"]["code"] == "payment_intent_unexpected_state"


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("/v1/customers", "/v1/customers", True),
        ("/v1/customers", "/v1/customers/cus_1", False),
        ("/v1/customers/*", "/v1/customers/cus_1", True),
        ("/v1/customers/{id}", "/v1/customers/cus_1", True),
        ("/v1/customers/*", "/v1/customers/cus_1/payment_methods", False),
        ("/v1/**", "/v1/customers/cus_1/payment_methods", True),
    ],
)
def test_a_fault_is_for_the_paths_it_names(
    http: httpx.Client, steering: Steering, pattern: str, path: str, matches: bool
) -> None:
    steering.fault("http_500", method="get", path=pattern)

    assert (http.get(path).status_code == 500) is matches


def test_a_fault_is_for_the_method_it_names(http: httpx.Client, steering: Steering) -> None:
    steering.fault("http_500", method="DELETE")

    assert http.get("/v1/customers").status_code == 200


def test_faults_are_listed_and_cleared(http: httpx.Client, steering: Steering) -> None:
    steering.fault("http_500", times=3)
    http.get("/v1/customers")
    assert http.get("/_simulator/faults").json()["data"][0]["remaining"] == 2

    http.delete("/_simulator/faults")

    assert http.get("/v1/customers").status_code == 200


@pytest.mark.parametrize(
    "order",
    [
        {"kind": "meteor"},
        {"kind": "http_500", "times": 0},
        {"kind": "latency", "s": 1},
        {"kind": "http_500", "status": 503},
        {"kind": "refusal", "body": "<html>"},
        {"kind": "proxy_error", "code": "x"},
        {"kind": "proxy_error", "status": 99},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(
    http: httpx.Client, order: dict[str, object]
) -> None:
    assert http.post("/_simulator/faults", json=order).status_code == 422


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        ('{"error": "upstream connect error"}', "application/json"),
        ('{"error": null}', "application/json"),
        ("<html>no healthy upstream</html>", "text/html; charset=utf-8"),
        ("", "text/html; charset=utf-8"),
    ],
)
@pytest.mark.parametrize("status", [200, 403, 502])
def test_a_proxy_answers_whatever_it_likes(
    steering: Steering, server: V1Services, status: int, body: str, media_type: str
) -> None:
    steering.fault("proxy_error", method="POST", status=status, body=body)

    answer = steering.http.post("/v1/customers")

    assert (answer.status_code, answer.text) == (status, body)
    assert answer.headers["Content-Type"] == media_type
    assert "Request-Id" not in answer.headers
    assert _customers(server) == 0


def test_a_proxy_may_break_after_the_work_was_done(
    http: httpx.Client, server: V1Services, steering: Steering
) -> None:
    steering.fault("proxy_error_after", method="POST")
    headers = {"Idempotency-Key": "k1"}

    answer = http.post("/v1/customers", headers=headers)
    again = http.post("/v1/customers", headers=headers)

    assert answer.status_code == 502
    assert answer.text.startswith("<html>")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert _customers(server) == 1


def test_a_refusal_says_what_it_was_told_to(server: V1Services, steering: Steering) -> None:
    steering.fault("refusal", code="payment_method_unactivated", param="currency", message="No.")

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        server.customers.create({})

    assert (refusal.value.http_status, refusal.value.user_message) == (400, "No.")
    assert (refusal.value.code, refusal.value.param) == ("payment_method_unactivated", "currency")
    assert _customers(server) == 0


def test_a_refusal_may_be_for_the_whole_account(server: V1Services, steering: Steering) -> None:
    steering.fault("refusal", status=403, code="platform_account_required")

    with pytest.raises(stripe.PermissionError) as refusal:
        server.customers.create({})

    assert refusal.value.http_status == 403


def test_a_refusal_is_not_remembered(server: V1Services, steering: Steering) -> None:
    steering.fault("refusal")
    with pytest.raises(stripe.InvalidRequestError):
        server.customers.create({}, {"idempotency_key": "k1"})

    assert server.customers.create({}, {"idempotency_key": "k1"}).id
