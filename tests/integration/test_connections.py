"""Connections that are kept, to a server that closes them when it likes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from payments.connections import FAILURES, Connections


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    opened = 0
    closes_after_answer = False
    answers = True

    def setup(self) -> None:
        type(self).opened += 1
        super().setup()

    def do_GET(self) -> None:
        if not self.answers:
            self.close_connection = True
            return
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.send_header("Request-Id", "req_1")
        self.end_headers()
        self.wfile.write(b"ok")
        self.close_connection = self.closes_after_answer  # without having said so

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def a_server(**behaviour: bool) -> Iterator[tuple[type[_Handler], Connections]]:
    handler = type("Handler", (_Handler,), {"opened": 0, **behaviour})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    connections = Connections(url, connect_timeout=1, read_timeout=1)
    try:
        yield handler, connections
    finally:
        connections.close()
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_connection_serves_many_requests() -> None:
    with a_server() as (handler, connections):
        for _ in range(3):
            reply = connections.send("GET", "/", headers={}, body=None)
            assert (reply.status, reply.body) == (200, b"ok")
            assert reply.headers["request-id"] == "req_1"
        assert handler.opened == 1


def test_a_connection_that_was_closed_meanwhile_is_not_used_again() -> None:
    with a_server(closes_after_answer=True) as (handler, connections):
        for _ in range(3):
            assert connections.send("GET", "/", headers={}, body=None).body == b"ok"
            threading.Event().wait(0.05)  # until the end of the connection has arrived
        assert handler.opened == 3


def test_no_answer_is_a_failure_and_not_tried_again() -> None:
    with a_server(answers=False) as (handler, connections):
        with pytest.raises(FAILURES):
            connections.send("GET", "/", headers={}, body=None)
        assert handler.opened == 1
