"""HTTP through libcurl, for Stripe and AWS: https://curl.se/libcurl/c/

libcurl handles connections, TLS, proxies, HTTP/1.1 and AWS's signature. This module handles the
rest: certificates, limits on time and size, and that each answer belongs to its request.
libcurl reuses a connection that was active within the last second without checking it, so stray
bytes would become the next request's answer. We check before each request.
"""

import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pycurl

from payments import deadline

# Amazon Linux (where Lambda runs), Debian, Alpine and macOS.
CERTIFICATES = (
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/cert.pem",
)
# A DynamoDB page is 1 MB before it becomes JSON; a hundred Stripe objects with as much metadata as
# possible are 6 MB. libcurl itself stops at 300 kB of headers.
MAX_BODY_BYTES = 8_000_000
# Load balancers commonly close connections that were idle for 60 seconds.
MAX_IDLE_SECONDS = 50
_OPENING_SECONDS = 1.0
_FINAL = 200  # lower statuses are interim answers
_BODILESS = frozenset({204, 304})
_LENGTHS = frozenset({"content-length", "transfer-encoding"})
_TOO_LARGE = 100  # pycurl has no name for it

_REASONS = {
    pycurl.E_ABORTED_BY_CALLBACK: "the connection ended without an answer",
    pycurl.E_COULDNT_CONNECT: "the connection could not be opened",
    pycurl.E_COULDNT_RESOLVE_HOST: "the host name does not resolve",
    pycurl.E_COULDNT_RESOLVE_PROXY: "the proxy name does not resolve",
    pycurl.E_FILESIZE_EXCEEDED: "the answer is too large",
    pycurl.E_GOT_NOTHING: "the connection ended without an answer",
    pycurl.E_OPERATION_TIMEDOUT: "it took too long",
    pycurl.E_PARTIAL_FILE: "the connection ended before the answer did",
    pycurl.E_RECV_ERROR: "the answer could not be received",
    pycurl.E_SEND_ERROR: "the request could not be sent",
    pycurl.E_SSL_CACERT_BADFILE: "the certificate file cannot be read",
    pycurl.E_SSL_CONNECT_ERROR: "the TLS handshake failed",
    pycurl.E_SSL_PEER_CERTIFICATE: "the server's certificate could not be verified",
    pycurl.E_UNSUPPORTED_PROTOCOL: "the answer is not HTTP",
    pycurl.E_WRITE_ERROR: "the answer is too large",
    _TOO_LARGE: "the answer's headers are too large",
}
_LASTING = frozenset(
    {
        pycurl.E_FILESIZE_EXCEEDED,
        pycurl.E_SSL_CACERT_BADFILE,
        pycurl.E_SSL_PEER_CERTIFICATE,
        pycurl.E_WRITE_ERROR,
        _TOO_LARGE,
    }
)


@dataclass(frozen=True, slots=True)
class Response:
    """An answer. Header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Signer:
    """What signs a request to AWS, with Signature Version 4."""

    region: str
    service: str
    access_key_id: str
    secret_access_key: str = field(repr=False)


class NoResponseError(Exception):
    """There is no usable answer. The message contains nothing from the request.

    was_sent: whether the request may have been carried out.
    worth_retrying: whether another try might succeed.
    """

    def __init__(self, reason: str, *, was_sent: bool, worth_retrying: bool) -> None:
        super().__init__(reason)
        self.was_sent = was_sent
        self.worth_retrying = worth_retrying


class Transport:
    """Sends requests over connections that stay open. Each thread has its own, one per host."""

    def __init__(self, *, certificates: str | None = None, direct: bool = False) -> None:
        """`certificates` is a file to trust instead of the usual one; `direct`: without a proxy."""
        self._mine = _Connections(certificates, direct)

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        connect_timeout: float,
        timeout: float,
        signer: Signer | None = None,
        fresh: bool = False,
    ) -> Response:
        """Send one request. Timeouts are in seconds, and never go beyond the deadline.

        timeout covers the whole request. connect_timeout is the part of it for resolving the name,
        trying its addresses, the proxy and TLS.

        The request is sent at most once. fresh opens a new connection: a kept one may turn out to
        be closed only when it is too late to know whether the request arrived.

        Raises:
            NoResponseError: there is no usable answer.
            ValueError: the URL or a header cannot be sent.
        """
        lines = _header_lines(url, headers)
        seconds = deadline.remaining(timeout)
        if seconds <= 0:
            raise NoResponseError(
                "the time for this request is up", was_sent=False, worth_retrying=False
            )
        connection = self._mine.to(url)
        connection.detach(reusable=not fresh and connection.is_clean())
        connection.prepare(method, url, lines, body, signer)
        connection.limit(seconds, min(seconds, connect_timeout))
        try:
            return connection.perform()
        except BaseException:
            self._mine.forget(connection)
            raise

    def open(self, url: str) -> None:
        """Open a connection ahead of time, if possible.

        libcurl keeps a connection only if it served a request, so this sends `HEAD /` without
        credentials and accepts any answer.
        """
        try:
            self.send(
                "HEAD",
                url,
                headers={},
                connect_timeout=_OPENING_SECONDS,
                timeout=_OPENING_SECONDS,
            )
        except NoResponseError:
            return  # the first request will meet it again and report it

    def close(self) -> None:
        """Close this thread's connections."""
        self._mine.close()


@cache
def shared(*, certificates: str | None = None, direct: bool = False) -> Transport:
    """The transport of this process: it reads the certificates once for all hosts."""
    return Transport(certificates=certificates, direct=direct)


def usual_certificates() -> str:
    """The certificate file to trust: SSL_CERT_FILE, or the system's.

    pycurl's libcurl looks only where the distribution that built it keeps them.

    Raises:
        NoResponseError: there is none.
    """
    if named := os.environ.get("SSL_CERT_FILE"):
        return named
    for path in CERTIFICATES:
        if Path(path).is_file():
            return path
    raise NoResponseError(
        "no certificate file was found: set SSL_CERT_FILE", was_sent=False, worth_retrying=False
    )


class _Connections(threading.local):
    """A thread's connections."""

    def __init__(self, certificates: str | None, direct: bool) -> None:
        self._multi = pycurl.CurlMulti()
        self._certificates = certificates
        self._direct = direct
        self._connections: dict[str, _Connection] = {}

    def to(self, url: str) -> "_Connection":
        """The connection to a URL's host, open or not."""
        origin = url[: url.find("/", len("https://"))]
        connection = self._connections.get(origin)
        if connection is None:
            connection = _Connection(self._multi, self._certificates or usual_certificates())
            if self._direct:
                connection.curl.setopt(pycurl.NOPROXY, "*")
            self._connections[origin] = connection
        return connection

    def forget(self, connection: "_Connection") -> None:
        """Close a connection, and drop any bytes it still holds."""
        connection.close()
        self._connections = {
            key: kept for key, kept in self._connections.items() if kept is not connection
        }

    def close(self) -> None:
        """Close all of them."""
        for connection in self._connections.values():
            connection.close()
        self._connections = {}


class _Connection:
    """An easy handle. It stays in the multi handle to keep its last connection."""

    def __init__(self, multi: pycurl.CurlMulti, certificates: str) -> None:
        self.curl = pycurl.Curl()
        self._multi = multi
        self._in_multi = False
        self._used_at = 0.0
        self._url = ""
        self._kind = ("", False)
        self._limits = (0, 0)
        self._signer: Signer | None = None
        self._lines: list[bytes] = []
        self._parts: list[bytes] = []
        self._size = 0
        self._sent = 0
        for option, value in (
            (pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS),
            (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1),
            (pycurl.SSLVERSION, pycurl.SSLVERSION_TLSv1_2),
            (pycurl.CAINFO, certificates),
            (pycurl.PROXY_CAINFO, certificates),
            (pycurl.NETRC, pycurl.NETRC_IGNORED),
            (pycurl.FOLLOWLOCATION, 0),
            (pycurl.PATH_AS_IS, 1),  # or an id of ".." would lead to another endpoint
            (pycurl.USERAGENT, ""),  # pycurl's lists all its libraries
            (pycurl.NOSIGNAL, 1),
            (pycurl.TCP_NODELAY, 1),
            (pycurl.MAXAGE_CONN, MAX_IDLE_SECONDS),
            (pycurl.MAXFILESIZE_LARGE, MAX_BODY_BYTES),
            (pycurl.HEADERFUNCTION, self._lines.append),
            (pycurl.WRITEFUNCTION, self._add),
            (pycurl.PREREQFUNCTION, self._may_send),
        ):
            self.curl.setopt(option, value)

    def is_clean(self) -> bool:
        """Whether there is nothing to read on the idle connection: no bytes, no end, no TLS record.

        libcurl reads only if CONNECT_ONLY is set, which it checks when we read. Reading marks the
        connection as in use; leaving the multi handle releases it.
        """
        # Check with this clock too: libcurl's may stand still while Lambda has frozen the function.
        if not self._in_multi or time.time() - self._used_at > MAX_IDLE_SECONDS:
            return False
        self.curl.setopt(pycurl.CONNECT_ONLY, 1)
        try:
            self.curl.recv(1)
        except BlockingIOError:
            return True
        except pycurl.error:
            return False
        return False

    def detach(self, *, reusable: bool) -> None:
        """Leave the multi handle, which closes the connection of a CONNECT_ONLY handle."""
        if self._in_multi:
            self.curl.setopt(pycurl.CONNECT_ONLY, 0 if reusable else 1)
            self._multi.remove_handle(self.curl)
            self.curl.setopt(pycurl.CONNECT_ONLY, 0)
            self._in_multi = False

    def prepare(
        self, method: str, url: str, lines: list[str], body: bytes | None, signer: Signer | None
    ) -> None:
        """Set the next request's options; most of them are the same as for the last one."""
        curl = self.curl
        curl.setopt(pycurl.HTTPHEADER, lines)
        if url != self._url:
            curl.setopt(pycurl.URL, url)
            self._url = url
        if body is None and method == "POST":
            body = b""
        kind = (method, body is not None)
        if kind != self._kind:
            curl.setopt(pycurl.NOBODY, method == "HEAD")
            if method == "HEAD":
                curl.unsetopt(pycurl.CUSTOMREQUEST)
            else:
                curl.setopt(pycurl.HTTPGET, 1)
                curl.setopt(pycurl.CUSTOMREQUEST, method)
            self._kind = kind
        if body is not None:
            curl.setopt(pycurl.POSTFIELDS, body)
        if signer is not self._signer:
            self._sign_with(signer)

    def limit(self, seconds: float, connect_seconds: float) -> None:
        """Set how long the next request may take, and how long connecting may take."""
        limits = (max(1, int(seconds * 1000)), max(1, int(connect_seconds * 1000)))
        if limits != self._limits:
            self.curl.setopt(pycurl.TIMEOUT_MS, limits[0])
            self.curl.setopt(pycurl.CONNECTTIMEOUT_MS, limits[1])
            self._limits = limits

    def perform(self) -> Response:
        """Send the prepared request.

        Raises:
            NoResponseError: there is no usable answer.
        """
        self._lines.clear()
        self._parts.clear()
        self._size = self._sent = 0
        multi = self._multi
        multi.add_handle(self.curl)
        self._in_multi = True
        while multi.perform()[1]:
            wait = multi.timeout()  # milliseconds, or -1
            # Without anything to wait for, for example during a name lookup, do not spin.
            if wait and not multi.select(wait / 1000 if wait > 0 else 1.0):
                time.sleep(0.001)
        _, _, failures = self._multi.info_read()
        if failures:
            raise self._failure(failures[0][1])
        self._used_at = time.time()
        status = self.curl.getinfo(pycurl.RESPONSE_CODE)
        headers = _headers(self._lines)
        # To libcurl, the end of a connection also ends the headers, and a body without a length.
        has_end = (
            self._kind[0] == "HEAD" or status in _BODILESS or (headers or {}).keys() & _LENGTHS
        )
        if headers is None or status < _FINAL or not has_end:
            raise NoResponseError("the answer is incomplete", was_sent=True, worth_retrying=True)
        return Response(status, headers, b"".join(self._parts))

    def close(self) -> None:
        """Close the connection and its handle."""
        self.detach(reusable=False)
        self.curl.close()

    def _sign_with(self, signer: Signer | None) -> None:
        self._signer = signer
        self.curl.setopt(pycurl.PATH_AS_IS, signer is None)  # libcurl cannot sign a path as is
        if signer is None:
            self.curl.setopt(pycurl.HTTPAUTH, pycurl.HTTPAUTH_NONE)  # which AWS_SIGV4 sets again
        else:
            self.curl.setopt(pycurl.AWS_SIGV4, f"aws:amz:{signer.region}:{signer.service}")
            self.curl.setopt(pycurl.USERNAME, signer.access_key_id)
            self.curl.setopt(pycurl.PASSWORD, signer.secret_access_key)

    def _may_send(self, *_: object) -> int:
        # libcurl repeats a request, even a POST, that got lost on a kept connection. The caller
        # knows better whether that is safe, and counts the tries.
        self._sent += 1
        return int(pycurl.PREREQFUNC_OK if self._sent == 1 else pycurl.PREREQFUNC_ABORT)

    def _add(self, part: bytes) -> int:
        self._size += len(part)
        if self._size > MAX_BODY_BYTES:
            return 0  # libcurl ends the transfer
        self._parts.append(part)
        return len(part)

    def _failure(self, code: int) -> NoResponseError:
        was_sent = self._sent > 1 or self.curl.getinfo(pycurl.REQUEST_SIZE) > 0
        reason = _REASONS.get(code, "the request failed")
        return NoResponseError(
            f"{reason} (libcurl's error {code})",
            was_sent=was_sent,
            worth_retrying=code not in _LASTING,
        )


def _header_lines(url: str, headers: Mapping[str, str]) -> list[str]:
    lines = [f"{name}: {value}" if value else f"{name};" for name, value in headers.items()]
    # A line feed would start another header, and pycurl passes it on. pycurl's error for non-ASCII
    # text quotes the header.
    everything = "".join((url, *lines))
    if " " in url or not (everything.isascii() and everything.isprintable()):
        raise ValueError("a URL or a header contains a forbidden character")
    # libcurl would add these on its own. A header without a value is not sent.
    return [*lines, "Accept:", "Expect:"]


def _headers(lines: list[bytes]) -> dict[str, str] | None:
    """The headers of the last answer, or None if they are incomplete."""
    headers: dict[str, str] = {}
    ended = False
    for line in lines:
        if line.startswith(b"HTTP/"):  # the one before was from a proxy, or interim
            headers, ended = {}, False
        elif line in (b"\r\n", b"\n"):
            ended = True
        else:
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
    return headers if ended else None
