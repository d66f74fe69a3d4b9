"""Connections that are kept, to a server that does as it likes."""

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import BufferedIOBase
from pathlib import Path

import pytest

from payments import connections as module
from payments.connections import FAILURES, Connections
from tests.support.fakes.certificates import a_certificate

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nRequest-Id: req_1\r\n\r\nok"
CLOSING = ANSWER.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)

type Behaviour = Callable[[socket.socket], bool]  # answers a request; whether there may be another


class Server:
    """Accepts one connection after the other, and answers each request as it was told to."""

    def __init__(self, answer: Behaviour, tls: ssl.SSLContext | None = None) -> None:
        self.opened = 0
        self.requests: list[bytes] = []
        self.closed = threading.Semaphore(0)
        self._answer = answer
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._run)

    @contextmanager
    def running(self) -> Iterator[str]:
        self._thread.start()
        try:
            yield f"127.0.0.1:{self._listener.getsockname()[1]}"
        finally:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._thread.join()
            self._listener.close()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with suppress(OSError), connection:  # whoever goes away says no goodbye
                self._serve(connection)
            self.closed.release()

    def _serve(self, connection: socket.socket) -> None:
        self.opened += 1
        if self._tls:
            with self._tls.wrap_socket(connection, server_side=True) as encrypted:
                self._answer_all(encrypted)
        else:
            self._answer_all(connection)

    def _answer_all(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as received:
            while head := _head(received):
                length = re.search(rb"Content-Length: (\d+)", head)
                self.requests.append(head + received.read(int(length[1]) if length else 0))
                if not self._answer(connection):
                    return


def _head(received: BufferedIOBase) -> bytes:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = received.readline()
        if not line:
            return b""
        head += line
    return head


def answers(*parts: bytes, keeps_open: bool = True) -> Behaviour:
    """Send these, one after the other."""

    def behaviour(connection: socket.socket) -> bool:
        for part in parts:
            connection.sendall(part)
        return keeps_open

    return behaviour


@contextmanager
def connected(server: Server, scheme: str = "http") -> Iterator[Connections]:
    with server.running() as host:
        connections = Connections(f"{scheme}://{host}", connect_timeout=1, read_timeout=1)
        try:
            yield connections
        finally:
            connections.close()


def get(connections: Connections) -> module.Reply:
    return connections.send("GET", "/", headers={}, body=None)


def test_a_connection_serves_many_requests() -> None:
    server = Server(answers(ANSWER))
    with connected(server) as connections:
        for _ in range(3):
            reply = get(connections)
            assert (reply.status, reply.body) == (200, b"ok")
            assert reply.headers["request-id"] == "req_1"
    assert server.opened == 1


def test_a_body_is_sent_with_its_length_and_the_headers() -> None:
    server = Server(answers(ANSWER))
    with connected(server) as connections:
        connections.send("POST", "/path?query", headers={"One": "1"}, body="Zoë".encode())
        assert server.requests == [
            f"POST /path?query HTTP/1.1\r\nHost: {connections.host}\r\nOne: 1\r\n"
            "Content-Length: 4\r\n\r\nZoë".encode()
        ]


@pytest.mark.parametrize("answer", [answers(CLOSING), answers(ANSWER, keeps_open=False)])
def test_a_connection_that_is_closed_is_not_used_again(answer: Behaviour) -> None:
    server = Server(answer)
    with connected(server) as connections:
        for _ in range(3):
            assert get(connections).body == b"ok"
            assert server.closed.acquire(timeout=5)
    assert server.opened == 3


def test_a_connection_can_be_opened_before_it_is_needed() -> None:
    server = Server(answers(ANSWER))
    with connected(server) as connections:
        connections.open()
        connections.open()
        get(connections)
    assert server.opened == 1


def test_opening_one_to_nobody_is_no_failure_yet() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    connections = Connections(f"http://127.0.0.1:{port}", connect_timeout=1, read_timeout=1)
    connections.open()
    with pytest.raises(ConnectionRefusedError):
        get(connections)


def test_an_answer_may_come_in_chunks_and_after_another_was_announced() -> None:
    parts = (
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 402 Payment Required\r\n",
        b"Transfer-Encoding: chunked\r\nA: 1\r\n\r\n2\r\nno\r\n",
        b"1\r\n!\r\n0\r\n\r\n",
    )
    with connected(Server(answers(*parts))) as connections:
        for _ in range(2):
            reply = get(connections)
            assert (reply.status, reply.body) == (402, b"no!")
            assert "link" not in reply.headers


@pytest.mark.parametrize(
    "answer",
    [
        answers(keeps_open=False),
        answers(ANSWER[:20], keeps_open=False),
        answers(ANSWER[:-1], keeps_open=False),
        answers(b"SSH-2.0-OpenSSH_9.2\r\n"),
    ],
    ids=["nothing", "half a head", "half a body", "another protocol"],
)
def test_no_answer_is_a_failure_and_not_tried_again(answer: Behaviour) -> None:
    server = Server(answer)
    with connected(server) as connections:
        with pytest.raises(FAILURES):
            get(connections)
        assert len(server.requests) == 1


def test_an_answer_that_trickles_in_is_given_up_on_in_time() -> None:
    given_up = threading.Event()

    def trickle(connection: socket.socket) -> bool:
        for byte in ANSWER:  # each well within the time for the whole
            connection.sendall(bytes([byte]))
            if given_up.wait(0.1):
                break
        return False

    server = Server(trickle)
    with connected(server) as connections:
        with pytest.raises(TimeoutError):
            get(connections)
        given_up.set()


@pytest.mark.parametrize("value", ["a\r\nInjected: b", "a\nb", "a\0b", "ü"])
def test_what_no_header_may_hold_is_not_sent(value: str) -> None:
    server = Server(answers(ANSWER))
    with connected(server) as connections:
        with pytest.raises(ValueError, match=r"header|ascii"):
            connections.send("GET", "/", headers={"Key": value}, body=None)
        assert server.opened == 0


def trusted(address: str, directory: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's side of TLS, with a certificate for an address, which is trusted from here on."""
    certificate = directory / "certificate.pem"
    certificate.write_bytes(a_certificate(address))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    return context


@pytest.fixture
def _certificates_are_read_again() -> Iterator[None]:
    module._tls.cache_clear()
    yield
    module._tls.cache_clear()


@pytest.fixture
def tls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _certificates_are_read_again: None
) -> ssl.SSLContext:
    """A server's side of TLS that has all that it should have."""
    return trusted("127.0.0.1", tmp_path, monkeypatch)


def test_over_tls_a_connection_is_opened_before_it_is_needed_and_kept(tls: ssl.SSLContext) -> None:
    server = Server(answers(ANSWER), tls)
    with connected(server, "https") as connections:
        connections.open()  # the server's session tickets arrive before anything was asked for
        for _ in range(3):
            assert get(connections).body == b"ok"
    assert server.opened == 1


def test_over_tls_a_connection_that_is_closed_is_not_used_again(tls: ssl.SSLContext) -> None:
    server = Server(answers(ANSWER, keeps_open=False), tls)
    with connected(server, "https") as connections:
        for _ in range(3):
            assert get(connections).body == b"ok"
            assert server.closed.acquire(timeout=5)
    assert server.opened == 3


@pytest.mark.usefixtures("_certificates_are_read_again")
@pytest.mark.parametrize("fault", ["not trusted", "another name"])
def test_a_server_that_cannot_prove_its_name_is_not_spoken_to(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "127.0.0.2" if fault == "another name" else "127.0.0.1"
    server = Server(answers(ANSWER), trusted(address, tmp_path, monkeypatch))
    if fault == "not trusted":
        monkeypatch.delenv("SSL_CERT_FILE")
    with connected(server, "https") as connections, pytest.raises(ssl.SSLCertVerificationError):
        get(connections)
    assert server.requests == []
