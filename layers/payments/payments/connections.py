"""HTTP connections that stay open, on the standard library alone.

A function sends one request at a time to one host. For that http.client does what requests and
urllib3 do, and spares a cold start the 100 ms of processor time that importing those takes.
"""

import http.client
import select
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

FAILURES = (OSError, http.client.HTTPException)  # no answer, or none that could be read


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; its headers are found whatever their case."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


class Connections:
    """Connections to one host, each kept for the next request."""

    def __init__(self, base_url: str, *, connect_timeout: float, read_timeout: float) -> None:
        """Timeouts are in seconds; reading's is for each piece of the answer."""
        parts = urlsplit(base_url)
        self.host = parts.netloc
        self._secure = parts.scheme == "https"
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._idle: list[http.client.HTTPConnection] = []

    def send(
        self, method: str, path: str, *, headers: "Mapping[str, str]", body: bytes | None
    ) -> Reply:
        """Send one request, once.

        Raises:
            OSError, http.client.HTTPException: there is no answer; it may have been carried out.
        """
        connection = self._open()
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            reply = Reply(response.status, response.msg, response.read())
        except BaseException:
            connection.close()
            raise
        if response.will_close:
            connection.close()
        else:
            self._idle.append(connection)
        return reply

    def close(self) -> None:
        """Close what is kept."""
        while self._idle:
            self._idle.pop().close()

    def _open(self) -> http.client.HTTPConnection:
        """A connection that the other side has not closed meanwhile, by all that can be known."""
        while self._idle:
            connection = self._idle.pop()
            if not select.select([connection.sock], [], [], 0)[0]:  # nothing to read, not even EOF
                return connection
            connection.close()
        if self._secure:
            connection = http.client.HTTPSConnection(
                self.host, timeout=self._connect_timeout, context=_tls()
            )
        else:
            connection = http.client.HTTPConnection(self.host, timeout=self._connect_timeout)
        connection.connect()
        connection.sock.settimeout(self._read_timeout)
        return connection


def is_tls_failure(error: BaseException) -> bool:
    """Whether the other side could not prove who it is: trying again will not help."""
    return isinstance(error, OSError) and "SSLCertVerificationError" in type(error).__name__


@cache
def _tls() -> "ssl.SSLContext":
    """The system's certificates, read once for all connections."""
    import ssl  # noqa: PLC0415 - the emulators on a laptop speak plain HTTP

    return ssl.create_default_context()
