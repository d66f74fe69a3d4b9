import json

import httpx
import pytest
from stripe._v1_services import V1Services

from tests.simulator.conftest import Shopper, Steering


def test_the_journal_shows_calls_and_their_parameters(
    server: V1Services, steering: Steering
) -> None:
    server.customers.create({"email": "ada@example.com"}, {"idempotency_key": "k1"})

    (entry,) = steering.requests()

    assert (entry["method"], entry["path"]) == ("POST", "/v1/customers")
    assert entry["idempotency_key"] == "k1"
    assert entry["params"] == {"email": "ada@example.com"}
    assert (entry["status"], entry["replayed"], entry["fault"]) == (200, False, None)
    assert entry["key_type"] == "secret"
    assert entry["request_id"].startswith("req_")
    assert entry["time"] > 0
    assert entry["duration_ms"] > 0


def test_the_journal_shows_cvc_tokens_and_hides_what_is_secret(
    shopper: Shopper, steering: Steering
) -> None:
    token = shopper.cvc_token()
    intent = shopper.manual_intent()
    shopper.browser.payment_intents.retrieve(
        intent.id, {"client_secret": str(intent.client_secret)}
    )
    shopper.confirm(intent, payment_method_options={"card": {"cvc_token": token}})
    steering.http.post("/v1/customers", data={"metadata[note]": "card 4242 4242 4242 4242"})

    entries = steering.requests()
    written = json.dumps(entries)

    made = next(entry for entry in entries if entry["path"] == "/v1/payment_methods")
    assert made["params"]["card"]["number"] == "************4242"
    assert made["params"]["card"]["cvc"] == "[redacted]"
    confirmed = next(entry for entry in entries if entry["path"].endswith("/confirm"))
    assert confirmed["params"]["payment_method_options"]["card"]["cvc_token"] == token
    for secret in ("4242424242424242", "4242 4242 4242", "_secret_", "sk_test", "pk_test"):
        assert secret not in written
    collected = next(entry for entry in entries if entry["path"] == "/v1/tokens")
    assert collected["params"] == {"cvc_update": {"cvc": "[redacted]"}}


def test_lists_are_shown_as_lists(shopper: Shopper, steering: Steering) -> None:
    shopper.manual_intent()

    assert steering.requests()[-1]["params"]["allowed_payment_method_types"] == ["card"]


def test_the_journal_shows_replays_refusals_and_faults(
    server: V1Services, http: httpx.Client, steering: Steering
) -> None:
    for _ in range(2):
        server.customers.create({}, {"idempotency_key": "k1"})
    http.post("/v1/payment_intents")
    steering.fault("connection_reset")
    with pytest.raises(httpx.TransportError):
        http.get("/v1/customers")

    first, replay, refused, dropped = steering.requests()

    assert (first["replayed"], replay["replayed"]) == (False, True)
    assert (refused["status"], refused["error_code"]) == (400, "parameter_missing")
    assert (dropped["status"], dropped["fault"]) == (None, "connection_reset")


def test_the_journal_can_be_emptied(
    server: V1Services, http: httpx.Client, steering: Steering
) -> None:
    server.customers.create({})

    http.delete("/_simulator/requests")

    assert steering.requests() == []


def test_a_reset_clears_everything(server: V1Services, steering: Steering) -> None:
    first = server.customers.create({}, {"idempotency_key": "k1"})
    steering.fault("http_500")

    steering.post("/reset")

    assert steering.requests() == []
    assert server.customers.list().data == []
    assert server.events.list().data == []
    assert server.customers.create({}, {"idempotency_key": "k1"}).id != first.id


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/webhooks", {"mode": "sometimes"}),
        ("/webhooks/release", {"order": "sideways"}),
        ("/payment_intents/pi_1/next_action", {"outcome": "perhaps"}),
        ("/payment_methods/pm_1", {"exp_month": 13, "exp_year": 2030}),
    ],
)
def test_steering_that_makes_no_sense_is_refused(
    http: httpx.Client, path: str, body: dict[str, object]
) -> None:
    assert http.post(f"/_simulator{path}", json=body).status_code == 422


@pytest.mark.parametrize("body", [b"{", b"[]"])
def test_steering_with_a_broken_body_is_refused(http: httpx.Client, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}

    answer = http.post("/_simulator/faults", content=body, headers=headers)

    assert answer.status_code == 400


def test_steering_of_what_does_not_exist_is_404(http: httpx.Client) -> None:
    answer = http.post(
        "/_simulator/payment_intents/pi_unknown/next_action", data={"outcome": "succeed"}
    )

    assert answer.status_code == 404
