"""HTTP/1.1 connections that stay open: sockets, and httptools to read the answers.

A function sends one request at a time to one host, so it needs neither pools nor sessions. requests
and urllib3 would add a fifth to a cold start, http.client a quarter of a millisecond to every call;
DECISIONS.md has the numbers.
"""

import contextlib
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from httptools import HttpParserError, HttpResponseParser

FAILURES = (OSError, HttpParserError)  # no answer, or none that could be read

_PORTS = {"http": 80, "https": 443}
_FINAL = 200  # statuses below announce another answer
_CHUNK_BYTES = 65536


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; the names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connections:
    """Connections to one host, each kept for the next request."""

    def __init__(self, base_url: str, *, connect_timeout: float, read_timeout: float) -> None:
        """Timeouts are in seconds; reading's is for a request and all of its answer."""
        parts = urlsplit(base_url)
        self.host = parts.netloc
        self._address = (parts.hostname or "", parts.port or _PORTS[parts.scheme])
        self._secure = parts.scheme == "https"
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._idle: list[socket.socket] = []

    def send(
        self, method: str, path: str, *, headers: Mapping[str, str], body: bytes | None
    ) -> Reply:
        """Send one request, once.

        Raises:
            OSError, HttpParserError: there is no answer; it may have been carried out.
            ValueError: a header cannot be sent.
        """
        request = _request_head(method, path, {"Host": self.host, **headers}, body) + (body or b"")
        connection = self._idle_connection() or self._connect()
        answer = _Answer()
        until = time.monotonic() + self._read_timeout
        try:
            connection.settimeout(self._read_timeout)
            connection.sendall(request)
            answer.read_from(connection, until=until)
        except BaseException:
            connection.close()
            raise
        if answer.keeps_open:
            self._idle.append(connection)
        else:
            connection.close()
        return Reply(answer.status, answer.headers, b"".join(answer.parts))

    def open(self) -> None:
        """Have a connection before it is needed, if one can be had."""
        if not self._idle:
            with contextlib.suppress(OSError):  # whoever sends will meet it again
                self._idle.append(self._connect())

    def close(self) -> None:
        """Close what is kept."""
        while self._idle:
            self._idle.pop().close()

    def _idle_connection(self) -> socket.socket | None:
        """One that the other side has not closed meanwhile, by all that can be known."""
        while self._idle:
            connection = self._idle.pop()
            if _is_open(connection):
                return connection
            connection.close()
        return None

    def _connect(self) -> socket.socket:
        connection = socket.create_connection(self._address, self._connect_timeout)
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._secure:
                return _tls().wrap_socket(connection, server_hostname=self._address[0])
        except BaseException:
            connection.close()
            raise
        return connection


class _Answer:
    """What httptools tells while it reads an answer."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.parts: list[bytes] = []
        self.keeps_open = False
        self._parser = HttpResponseParser(self)

    def read_from(self, connection: socket.socket, *, until: float) -> None:
        """Read all of it.

        Raises:
            OSError, HttpParserError: it does not come, is not whole in time, or cannot be read.
        """
        while self.status < _FINAL:
            remaining = until - time.monotonic()
            if remaining <= 0:
                raise TimeoutError("the answer takes too long")
            connection.settimeout(remaining)
            data = connection.recv(_CHUNK_BYTES)
            if not data:
                raise ConnectionError("the connection ended before the answer")
            self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self.headers = {}
        self.parts = []

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, part: bytes) -> None:
        self.parts.append(part)

    def on_message_complete(self) -> None:
        self.status = self._parser.get_status_code()
        self.keeps_open = self._parser.should_keep_alive()


def _request_head(method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {headers[name]}" for name in headers)]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    if not all(map(str.isprintable, lines)):  # a line feed would begin another header
        raise ValueError("a header holds what no header may hold")
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def _is_open(connection: socket.socket) -> bool:
    """Whether there is nothing to read, not even the end."""
    connection.settimeout(0)
    try:
        connection.recv(1)
    except (BlockingIOError, ssl.SSLWantReadError):
        return True
    except OSError:
        return False
    return False


@cache
def _tls() -> ssl.SSLContext:
    """The system's certificates, read once for all connections."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context
