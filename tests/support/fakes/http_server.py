"""A server that does what a test says, on real sockets: to test how we send requests."""

import fcntl
import re
import socket
import ssl
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import BufferedIOBase
from pathlib import Path

import pytest

from tests.support.fakes.certificates import a_certificate

type Behaviour = Callable[[socket.socket], bool]  # answers a request; True if more may come


def answer(body: bytes = b"ok", *headers: bytes, status: bytes = b"200 OK") -> bytes:
    """An answer with a Content-Length."""
    lines = (b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers)
    return b"\r\n".join([*lines, b"", body])


def answers(*parts: bytes, keeps_open: bool = True) -> Behaviour:
    """Send these, one after the other."""

    def behaviour(connection: socket.socket) -> bool:
        for part in parts:
            connection.sendall(part)
        return keeps_open

    return behaviour


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """Do something else for each request."""
    left = list(behaviours)

    def behaviour(connection: socket.socket) -> bool:
        return left.pop(0)(connection)

    return behaviour


def wait_until_received(connection: socket.socket) -> None:
    """Wait until the other side's kernel has received everything, also on this machine."""
    until = time.monotonic() + 5
    while any(fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(4))) and time.monotonic() < until:
        time.sleep(0.001)


class HttpServer:
    """Answers each request as it was told to, and keeps the requests."""

    def __init__(self, behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> None:
        self.opened = 0
        self.requests: list[bytes] = []
        self.protocols: list[str | None] = []
        self.closed = threading.Semaphore(0)
        self._behaviour = behaviour
        self._tls = tls
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._run)]
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.url = f"http{'s' if tls else ''}://{self.host}"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Serve during the block."""
        self._threads[0].start()
        try:
            yield
        finally:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._threads[0].join()
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            for thread in self._threads:
                thread.join()
            self._listener.close()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.opened += 1
            self._open.append(connection)
            self._threads.append(threading.Thread(target=self._serve, args=(connection,)))
            self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:  # the client may leave without a close
            if self._tls:
                with self._tls.wrap_socket(connection, server_side=True) as encrypted:
                    self._open.append(encrypted)
                    self.protocols.append(encrypted.selected_alpn_protocol())
                    self._answer_all(encrypted)
            else:
                self._answer_all(connection)
        self.closed.release()

    def _answer_all(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as received:
            while head := _head(received):
                length = re.search(rb"Content-Length: (\d+)", head)
                self.requests.append(head + received.read(int(length[1]) if length else 0))
                if not self._behaviour(connection):
                    return


def _head(received: BufferedIOBase) -> bytes:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = received.readline()
        if not line:
            return b""
        head += line
    return head


def trusted(
    address: str, directory: Path, monkeypatch: pytest.MonkeyPatch, variable: str = "SSL_CERT_FILE"
) -> ssl.SSLContext:
    """The server's side of TLS, with a certificate for an address. Clients trust it from now on."""
    certificate = directory / "certificate.pem"
    certificate.write_bytes(a_certificate(address))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    monkeypatch.setenv(variable, str(certificate))
    return context


def passes_on(host: str) -> Behaviour:
    """What a proxy does when asked to CONNECT to this host."""

    def behaviour(connection: socket.socket) -> bool:
        address, port = host.split(":")
        with socket.create_connection((address, int(port))) as upstream:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\nVia: proxy\r\n\r\n")
            back = threading.Thread(target=_pump, args=(upstream, connection))
            back.start()
            _pump(connection, upstream)
            back.join()
        return False

    return behaviour


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(65536):
            sink.sendall(chunk)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
