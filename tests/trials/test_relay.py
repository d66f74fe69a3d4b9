"""The relay: it passes everything on, and tells what it was and how long it took."""

import contextlib
import http.client
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import certifi
import pytest

from trials.bench.authority import Authority
from trials.bench.relay import Relay

_SECONDS = 0.05


class _Backend(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.send_response(404)
        self.send_header("Content-Length", "20")  # of what GET would answer
        self.end_headers()

    def do_GET(self) -> None:
        self._answer(b"got")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/chunked":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n")
            return
        time.sleep(_SECONDS)
        self._answer(body.upper())

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = self.path.startswith("/last")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def backend() -> Iterator[int]:
    """The port of something to relay to."""
    server = HTTPServer(("127.0.0.1", 0), _Backend)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def relay(backend: int) -> Iterator[Relay]:
    with Relay("127.0.0.1", backend) as relay:
        yield relay


@pytest.fixture
def client(relay: Relay) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(relay.url.removeprefix("http://"), timeout=5)
    yield connection
    connection.close()


def ask(
    client: http.client.HTTPConnection, method: str, path: str, body: str = "", **headers: str
) -> bytes:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    client.request(method, path, body or None, sent)
    return client.getresponse().read()


def test_it_counts_and_times_each_call(relay: Relay, client: http.client.HTTPConnection) -> None:
    # When
    assert ask(client, "POST", "/v1/customers?expand=x", "name") == b"NAME"
    assert ask(client, "POST", "/", "{}", X_Amz_Target="DynamoDB_20120810.GetItem") == b"{}"
    # Then
    calls = relay.take_calls()
    assert [call.operation for call in calls] == ["POST /v1/customers", "DynamoDB.GetItem"]
    assert all(call.seconds >= _SECONDS for call in calls)
    assert relay.take_calls() == []
    assert relay.connections == 1


def test_chunks_arrive_whole(client: http.client.HTTPConnection) -> None:
    assert ask(client, "POST", "/chunked", "body") == b"abcde"


def test_it_connects_again_when_the_backend_has_hung_up(
    relay: Relay, client: http.client.HTTPConnection
) -> None:
    for _ in range(3):
        assert ask(client, "GET", "/last") == b"got"
    assert len(relay.take_calls()) == 3
    assert relay.connections == 1


def test_it_makes_the_backend_slower(relay: Relay, client: http.client.HTTPConnection) -> None:
    relay.latency_seconds = 0.1
    ask(client, "GET", "/v1/balance")
    (call,) = relay.take_calls()
    assert call.seconds >= 0.1


def test_a_connection_opened_ahead_of_time_is_no_call(
    relay: Relay, client: http.client.HTTPConnection
) -> None:
    # When
    relay.latency_seconds = 60.0  # what Stripe thinks about, not what a connection takes
    assert ask(client, "HEAD", "/") == b""
    relay.latency_seconds = 0.0
    assert ask(client, "GET", "/v1/balance") == b"got"  # the answer's body was not waited for
    # Then
    assert [call.operation for call in relay.take_calls()] == ["GET /v1/balance"]
    assert [relay.take_openings(), relay.take_openings()] == [1, 0]
    assert relay.connections == 1


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.found(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def secure_relay(backend: int, authority: Authority) -> Iterator[Relay]:
    with Relay("127.0.0.1", backend, tls=authority.server) as relay:
        yield relay


def secure_client(relay: Relay, certificates: str) -> http.client.HTTPSConnection:
    trust = ssl.create_default_context(cafile=certificates)
    address = relay.url.removeprefix("https://")
    return http.client.HTTPSConnection(address, timeout=5, context=trust)


def test_it_speaks_tls_and_keeps_the_connection(secure_relay: Relay, authority: Authority) -> None:
    client = secure_client(secure_relay, authority.environment["SSL_CERT_FILE"])
    with contextlib.closing(client):
        for _ in range(2):
            assert ask(client, "POST", "/v1/customers", "name") == b"NAME"
    assert len(secure_relay.take_calls()) == 2
    assert secure_relay.connections == 1


def test_who_does_not_trust_the_authority_gets_no_answer(
    secure_relay: Relay, authority: Authority
) -> None:
    client = secure_client(secure_relay, certifi.where())
    with contextlib.closing(client), pytest.raises(ssl.SSLCertVerificationError):
        ask(client, "GET", "/v1/balance")
    trusting = secure_client(secure_relay, authority.environment["NODE_EXTRA_CA_CERTS"])
    with contextlib.closing(trusting):  # which the relay survives
        assert ask(trusting, "GET", "/v1/balance") == b"got"


def test_all_of_the_systems_certificates_are_there_to_be_read(authority: Authority) -> None:
    assert authority.certificate_count > 100
    assert authority.certificate.read_text() in authority.bundle.read_text()
