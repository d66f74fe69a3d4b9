"""Calls as subsegments: what the X-Ray daemon gets, and that it gets nothing unless asked."""

import io
import json
import socket
from collections.abc import Callable, Iterator
from logging import StreamHandler
from typing import Any

import pytest

from payments import logs, traces
from payments.api import app as http
from payments.aws.client import DYNAMODB, AwsClient
from payments.stripe_gateway.transport import _operation
from payments.transport import Response, Transport
from tests.support.api_client import ApiClient
from tests.support.simulator_client import Simulator
from tests.support.webhooks import deliver, events

ROOT = "1-67891233-abcdef012345678912345678"
SAMPLED = f"Root={ROOT};Parent=463ac35c9f6413ad;Sampled=1;Lineage=1:a:0"
type Heard = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[Heard]:
    """What a daemon on this machine has got."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.bind(("127.0.0.1", 0))
        daemon.setblocking(False)
        monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", f"127.0.0.1:{daemon.getsockname()[1]}")
        monkeypatch.setenv("_X_AMZN_TRACE_ID", SAMPLED)

        def look() -> list[dict[str, Any]]:
            documents: list[dict[str, Any]] = []
            while True:
                try:
                    header, _, document = daemon.recv(65_536).partition(b"\n")
                except BlockingIOError:
                    return documents
                assert json.loads(header) == {"format": "json", "version": 1}
                documents.append(json.loads(document))

        yield look


def test_a_call_becomes_a_part_of_the_functions_segment(heard: Heard) -> None:
    with (
        logs.about(correlation_id="req-1", payment_id="pay_1", user_id="ada"),
        traces.call("stripe", operation="POST payment_intents") as trace,
    ):
        trace["status"], trace["stripe_request_id"] = 200, "req_9"
    (document,) = heard()
    assert 0 <= document.pop("end_time") - document.pop("start_time") < 1
    assert len(bytes.fromhex(document.pop("id"))) == 8
    assert document == {
        "type": "subsegment",
        "trace_id": ROOT,
        "parent_id": "463ac35c9f6413ad",
        "name": "stripe",
        "namespace": "remote",
        "annotations": {
            "request_id": "req-1",
            "payment_id": "pay_1",
            "operation": "POST payment_intents",
            "stripe_request_id": "req_9",
        },
        "http": {"response": {"status": 200}},
        "fault": False,
        "error": False,
        "throttle": False,
    }


@pytest.mark.parametrize(
    ("status", "flags"),
    [(402, {"error"}), (429, {"error", "throttle"}), (503, {"fault"}), (200, set())],
)
def test_what_failed_is_seen(heard: Heard, status: int, flags: set[str]) -> None:
    with traces.call("dynamodb") as trace:
        trace["status"] = status
    (document,) = heard()
    assert {name for name in ("error", "fault", "throttle") if document[name]} == flags


def test_a_call_without_an_answer_is_a_fault_and_its_error_goes_on(heard: Heard) -> None:
    with pytest.raises(TimeoutError), traces.call("stripe"):
        raise TimeoutError
    (document,) = heard()
    assert document["fault"] is True
    assert "http" not in document


@pytest.mark.parametrize("trace", ["", f"Root={ROOT};Parent=463ac35c9f6413ad;Sampled=0"])
def test_nothing_is_sent_for_what_is_not_sampled(
    heard: Heard, monkeypatch: pytest.MonkeyPatch, trace: str
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", trace)
    with traces.call("stripe") as noted:
        noted["status"] = 200
    assert heard() == []


@pytest.mark.parametrize("address", ["", "nowhere", "127.0.0.1:1", "127.0.0.1:port"])
def test_a_daemon_that_is_not_there_fails_no_request(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", SAMPLED)
    monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", address)
    with traces.call("stripe") as noted:
        noted["status"] = 200


def test_one_payment_shows_each_call_with_ids_and_no_content(
    ada: ApiClient, stripe: Simulator, heard: Heard
) -> None:
    card = ada.attached(stripe.payment_method("4242424242424242"))
    payment = ada.create(product_id="coffee", payment_method_id=card).body
    heard()
    secret = stripe.cvc_token()
    assert ada.confirm(payment["payment_id"], cvc_token=secret).status == 200
    calls = heard()
    by_stripe = [each for each in calls if each["name"] == "stripe"]
    assert [each["annotations"]["operation"] for each in by_stripe] == [
        f"POST payment_intents/{payment['payment_intent_id']}/confirm"
    ]
    for each in calls:
        assert each["annotations"]["payment_id"] == payment["payment_id"]
        assert each["annotations"]["request_id"]
    assert by_stripe[0]["annotations"]["stripe_request_id"].startswith("req_")
    said = json.dumps(calls)
    for content in (secret, payment["client_secret"], "ada@", "4242", "1099"):
        assert content not in said


def test_a_call_to_dynamodb_shows_its_operation_and_its_id_and_no_row(heard: Heard) -> None:
    class Answering(Transport):
        def send(self, *_: object, **__: object) -> Response:
            row = b'{"Item": {"email": {"S": "ada@example.com"}}}'
            return Response(200, {"x-amzn-requestid": "A1B2"}, row)

    environment = {
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "AKIATEST",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
    client = AwsClient(
        DYNAMODB,
        connect_timeout=1,
        read_timeout=1,
        environment=environment,
        transport=Answering(),
    )
    client.call("GetItem", {"Key": {"user_id": {"S": "ada"}}})
    (document,) = heard()
    assert (document["name"], document["annotations"]) == (
        "dynamodb",
        {"operation": "GetItem", "aws_request_id": "A1B2"},
    )
    assert "ada" not in json.dumps(document)


def test_a_search_at_stripe_shows_no_address(heard: Heard) -> None:
    assert heard() == []
    url = "https://api.stripe.com/v1/customers/search?query=email%3A%22ada%40example.com%22"
    assert _operation("get", url) == "GET customers/search"


def test_one_request_can_be_followed_to_stripe_and_to_the_event_that_it_caused(
    ada: ApiClient, stripe: Simulator
) -> None:
    stream = io.StringIO()
    handler = http.logger.registered_handler
    assert isinstance(handler, StreamHandler)
    usual = handler.setStream(stream)
    try:
        card = ada.attached(stripe.payment_method("4242424242424242"))
        payment = ada.create(product_id="coffee", payment_method_id=card).body
        ada.confirm(payment["payment_id"], cvc_token=stripe.cvc_token())
        (event,) = events(stripe, "payment_intent.succeeded")
        assert deliver(event).status == 200
    finally:
        handler.setStream(usual)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    answered = [line for line in lines if line["message"] == "answered"]
    (confirmed,) = [each for each in answered if each["route"].endswith("/confirm")]
    (told,) = [line for line in lines if line["message"] == "stripe event"]
    assert confirmed["correlation_id"]
    assert told["event_id"] == event["id"]
    assert told["caused_by"] == confirmed["stripe_request_id"]
    assert told["payment_id"] == confirmed["payment_id"] == payment["payment_id"]
