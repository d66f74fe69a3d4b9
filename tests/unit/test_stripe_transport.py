"""How Stripe's SDK sends and retries, within the time of the request."""

import json
import traceback
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import stripe

from payments import deadline, logs
from payments.api import app as http
from payments.domain.errors import StripeUnavailableError
from payments.stripe_gateway.gateway import StripeGateway
from payments.stripe_gateway.transport import RAW, CurlClient
from payments.transport import NoResponseError, Response, Transport
from tests.support.fakes.stripe_transport import FakeStripeSecret

API = "https://stripe.example.com"


class FakeTransport(Transport):
    """Gives every request the same answer, and keeps the requests."""

    def __init__(self, answer: Response | NoResponseError) -> None:
        self.sent: list[tuple[str, str]] = []
        self.options: list[Mapping[str, Any]] = []
        self._answer = answer

    def send(self, method: str, url: str, **options: Any) -> Response:
        self.sent.append((method, url))
        self.options.append(options)
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def lost(*, worth_retrying: bool = True) -> NoResponseError:
    return NoResponseError("it took too long", was_sent=True, worth_retrying=worth_retrying)


def a_gateway(transport: Transport) -> StripeGateway:
    gateway = StripeGateway(
        FakeStripeSecret("sk_test_first"), mode="test", api_base=API, service="tests"
    )
    gateway._http_client = CurlClient(API, transport=transport)
    return gateway


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits between the tries."""
    waited: list[float] = []
    monkeypatch.setattr("stripe._http_client.time.sleep", waited.append)
    return waited


@pytest.mark.parametrize(
    ("answer", "tries"),
    [
        (lost(), 3),
        (lost(worth_retrying=False), 1),
        (Response(500, {}, b"{}"), 3),
        (Response(500, {"stripe-should-retry": "false"}, b"{}"), 1),
    ],
    ids=["no answer", "a wrong certificate", "an error of Stripe's", "an error that stays"],
)
def test_only_temporary_failures_are_retried(
    answer: Response | NoResponseError, tries: int
) -> None:
    transport = FakeTransport(answer)
    with pytest.raises(StripeUnavailableError):
        a_gateway(transport).retrieve_payment_intent("pi_1")
    url = f"{API}/v1/payment_intents/pi_1"
    url += "?expand[0]=latest_charge&expand[1]=latest_charge.refunds"
    assert transport.sent == [("GET", url)] * tries


@pytest.mark.parametrize("answer", [lost(), Response(500, {}, b"{}")])
@pytest.mark.parametrize(("seconds", "tries"), [(0.9, 1), (1.4, 2), (9, 3)])
def test_no_try_starts_that_cannot_end_in_time(
    answer: Response | NoResponseError, seconds: float, tries: int
) -> None:
    transport = FakeTransport(answer)
    with deadline.start(seconds), pytest.raises(StripeUnavailableError):
        a_gateway(transport).retrieve_payment_intent("pi_1")
    assert len(transport.sent) == tries


def test_waiting_ends_before_api_gateway_does(waits: list[float]) -> None:
    transport = FakeTransport(lost())
    with pytest.raises(StripeUnavailableError):
        a_gateway(transport).retrieve_payment_intent("pi_1")
    assert sum(waits) + sum(options["timeout"] for options in transport.options) < 29
    assert all(options["connect_timeout"] < options["timeout"] for options in transport.options)


def test_a_form_is_sent_as_bytes_and_an_answer_read_as_text() -> None:
    transport = FakeTransport(Response(200, {"request-id": "req_1"}, "Zoë".encode() + b"\xff"))
    client = CurlClient(API, transport=transport)
    answer = client.request("post", f"{API}/v1/customers", {"One": "1"}, "name=Zoë")
    assert answer == (
        json.dumps({"object": RAW, RAW: "Zoë\N{REPLACEMENT CHARACTER}"}),
        200,
        {"request-id": "req_1"},
    )
    assert transport.sent == [("POST", f"{API}/v1/customers")]
    assert transport.options[0]["body"] == "name=Zoë".encode()


def test_a_failure_says_what_kind_it_is() -> None:
    with pytest.raises(stripe.APIConnectionError, match="No answer from Stripe: it took too long"):
        CurlClient(API, transport=FakeTransport(lost())).request("get", f"{API}/", {})


@pytest.mark.parametrize("status", [200, 202, 402, 404, 502])
@pytest.mark.parametrize(
    "body",
    [
        '{"id": "pi_1", "client_secret": "pi_1_secret_1"',
        '{"client_secret": "pi_1_secret_1", "error": null}',
        '["pi_1_secret_1"]',
        "<html>pi_1_secret_1</html>",
        '"' + "[" * 100_000,
    ],
    ids=["cut off", "without an error", "a list", "a page", "nested"],
)
def test_what_is_not_stripes_is_not_repeated_in_an_error(status: int, body: str) -> None:
    gateway = a_gateway(FakeTransport(Response(status, {}, body.encode())))
    with pytest.raises((StripeUnavailableError, KeyError)) as failed:
        gateway.retrieve_payment_intent("pi_1")
    assert "pi_1_secret_1" not in "".join(traceback.format_exception(failed.value))


def test_an_error_of_stripes_arrives_as_it_is() -> None:
    body = '{"error": {"type": "card_error", "code": "card_declined"}}'
    client = CurlClient(API, transport=FakeTransport(Response(402, {}, body.encode())))
    assert client.request("post", f"{API}/v1/customers", {})[0] == body


def test_the_log_names_the_last_request_that_stripe_answered(
    log: Callable[[], list[dict[str, Any]]],
) -> None:
    gateway = a_gateway(FakeTransport(Response(500, {"request-id": "req_1"}, b"{}")))
    with logs.about(correlation_id="request-1"):
        with pytest.raises(StripeUnavailableError):
            gateway.retrieve_payment_intent("pi_1")
        http.logger.info("answered")
    assert log()[-1]["stripe_request_id"] == "req_1"
