"""The relay: it passes everything on, and tells what it was and how long it took."""

import http.client
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from trials.bench.relay import Relay

_SECONDS = 0.05


class _Backend(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

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
def relay() -> Iterator[Relay]:
    server = HTTPServer(("127.0.0.1", 0), _Backend)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with Relay("127.0.0.1", server.server_address[1]) as relay:
            yield relay
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


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
    ask(client, "GET", "/")
    (call,) = relay.take_calls()
    assert call.seconds >= 0.1
