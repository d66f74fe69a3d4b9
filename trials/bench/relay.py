"""A relay in front of a backend: it counts and times every call, and can add latency.

A call's time is from the arrival of its request's first byte to its answer having left, as the
backend and the relay need it; what the caller spends on making the request and reading the answer
is not in it. So the relay itself counts as backend, for whoever is measured. A request of `/` that
asks AWS for nothing is no call: it is how connections are opened ahead of time.
"""

import socket
import socketserver
import ssl
import threading
import time
from dataclasses import dataclass
from io import BufferedIOBase
from typing import Self

_CONNECT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Call:
    """One request: what AWS calls its target, or method and path."""

    operation: str
    seconds: float


class Relay:
    """Listens on a free port and passes each request on."""

    def __init__(self, host: str, port: int, *, tls: ssl.SSLContext | None = None) -> None:
        """Relay to this address, in plain HTTP; `tls` is for those who call."""
        self.latency_seconds = 0.0
        self.connections = 0
        self._openings = 0
        self._tls = tls
        self._upstream = (host, port)
        self._calls: list[Call] = []
        self._lock = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where to reach the backend through this relay."""
        host, port = self._server.server_address[:2]
        return f"{'https' if self._tls else 'http'}://{host!s}:{port}"

    def take_calls(self) -> list[Call]:
        """The calls since this was last asked."""
        with self._lock:
            calls, self._calls = self._calls, []
        return calls

    def take_openings(self) -> int:
        """How many connections were opened ahead of time since this was last asked."""
        with self._lock:
            openings, self._openings = self._openings, 0
        return openings

    def serve(self, connection: socket.socket) -> None:
        """Answer the requests of one connection."""
        self.connections += 1
        if self._tls:
            connection = self._tls.wrap_socket(connection, server_side=True)
        upstream = _Upstream(self._upstream)
        client = connection.makefile("rb")
        try:
            while client.peek(1):
                started = time.perf_counter()
                head = _read_head(client)
                if not head:
                    return  # it ended in the middle
                answer = upstream.exchange(head, _read_body(client, head))
                operation = _operation_of(head)
                if operation and self.latency_seconds:
                    time.sleep(self.latency_seconds)
                with self._lock:  # before the answer leaves, or its reader could miss it
                    connection.sendall(answer)
                    seconds = time.perf_counter() - started
                    if operation:
                        self._calls.append(Call(operation, seconds))
                    else:
                        self._openings += 1
        finally:
            client.close()
            upstream.close()
            connection.close()


class _Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        server = self.server
        assert isinstance(server, _Server)
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            server.relay.serve(self.request)
        except (ConnectionError, ssl.SSLError):
            return  # a function that is stopped closes nothing


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, relay: Relay) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.relay = relay


class _Upstream:
    """One connection to the backend, made again when the backend has closed it meanwhile."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self._connect()

    def exchange(self, request_head: bytes, request_body: bytes) -> bytes:
        """The answer to a request.

        Raises:
            ConnectionError: the backend closes every connection without an answer.
        """
        for _ in range(2):
            try:
                self._socket.sendall(request_head + request_body)
                head = _read_head(self._answers)
            except ConnectionError:
                head = b""
            if head:
                bodiless = request_head.startswith(b"HEAD ")
                return head if bodiless else head + _read_body(self._answers, head)
            self.close()
            self._connect()
        raise ConnectionError("the backend does not answer")

    def close(self) -> None:
        self._answers.close()
        self._socket.close()

    def _connect(self) -> None:
        self._socket = socket.create_connection(self._address, _CONNECT_SECONDS)
        self._socket.settimeout(None)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._answers = self._socket.makefile("rb")


def _read_head(stream: BufferedIOBase) -> bytes:
    """The lines up to the empty one; nothing at the end of the connection."""
    head = b""
    while line := stream.readline():
        head += line
        if line in {b"\r\n", b"\n"}:
            return head
    return b""


def _read_body(stream: BufferedIOBase, head: bytes) -> bytes:
    if _header(head, b"transfer-encoding").lower() == b"chunked":
        return _read_chunks(stream)
    return stream.read(int(_header(head, b"content-length") or 0))


def _read_chunks(stream: BufferedIOBase) -> bytes:
    body = b""
    while True:
        line = stream.readline()
        size = int(line.split(b";")[0], 16)
        body += line + stream.read(size + 2)
        if size == 0:
            return body


def _header(head: bytes, name: bytes) -> bytes:
    for line in head.splitlines()[1:]:
        key, _, value = line.partition(b":")
        if key.strip().lower() == name:
            return value.strip()
    return b""


def _operation_of(head: bytes) -> str:
    """What is asked for; nothing of a request that only opens a connection."""
    target = _header(head, b"x-amz-target").decode()
    if target:
        service, _, operation = target.partition(".")
        return f"{service.split('_')[0]}.{operation}"
    method, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ", 2)
    path = path.partition("?")[0]
    return "" if path == "/" else f"{method} {path}"
