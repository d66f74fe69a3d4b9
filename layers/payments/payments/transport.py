"""HTTP by libcurl, for Stripe and AWS alike: https://curl.se/libcurl/c/

libcurl does connections, TLS, proxies, HTTP/1.1 and AWS's signature. Ours is what it leaves to its
caller: which certificates, how long and how much, and that an answer is the answer to its request.
libcurl takes a connection that was in use within the last second without looking at it, so bytes
that nobody asked for would be the next request's answer. We look before each request.
"""

import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pycurl

from payments import deadline

# Amazon Linux (where Lambda runs), Debian, Alpine and macOS.
CERTIFICATES = (
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/cert.pem",
)
# A page of DynamoDB is 1 MB before it is JSON, a hundred of Stripe's objects with all the metadata
# that fits are 6 MB. libcurl itself stops at 300 kB of headers.
MAX_BODY_BYTES = 8_000_000
# Load balancers commonly close what was idle for 60 seconds.
MAX_IDLE_SECONDS = 50
_OPENING_SECONDS = 1.0
_FINAL = 200  # statuses below announce another answer
_BODILESS = frozenset({204, 304})
_LENGTHS = frozenset({"content-length", "transfer-encoding"})
_TOO_LARGE = 100  # which pycurl has no name for

_REASONS = {
    pycurl.E_ABORTED_BY_CALLBACK: "the connection ended without an answer",
    pycurl.E_COULDNT_CONNECT: "the connection could not be opened",
    pycurl.E_COULDNT_RESOLVE_HOST: "the host's name does not resolve",
    pycurl.E_COULDNT_RESOLVE_PROXY: "the proxy's name does not resolve",
    pycurl.E_FILESIZE_EXCEEDED: "the answer is too large",
    pycurl.E_GOT_NOTHING: "the connection ended without an answer",
    pycurl.E_OPERATION_TIMEDOUT: "it took too long",
    pycurl.E_PARTIAL_FILE: "the connection ended before the answer did",
    pycurl.E_RECV_ERROR: "the answer could not be received",
    pycurl.E_SEND_ERROR: "the request could not be sent",
    pycurl.E_SSL_CACERT_BADFILE: "the file of certificates cannot be read",
    pycurl.E_SSL_CONNECT_ERROR: "TLS could not be agreed on",
    pycurl.E_SSL_PEER_CERTIFICATE: "the server's certificate does not prove its name",
    pycurl.E_UNSUPPORTED_PROTOCOL: "the answer is not HTTP",
    pycurl.E_WRITE_ERROR: "the answer is too large",
    _TOO_LARGE: "the answer's head is too large",
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
    """An answer; the names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Signer:
    """Whose signature a request to AWS carries, and for what: Signature Version 4."""

    region: str
    service: str
    access_key_id: str
    secret_access_key: str = field(repr=False)


class NoResponseError(Exception):
    """There is no usable answer. Its text holds nothing of the request.

    was_sent: whether the request may have been carried out.
    worth_retrying: whether another try might fare better.
    """

    def __init__(self, reason: str, *, was_sent: bool, worth_retrying: bool) -> None:
        super().__init__(reason)
        self.was_sent = was_sent
        self.worth_retrying = worth_retrying


class Transport:
    """Sends requests over connections that stay open; a thread has its own, one to each host."""

    def __init__(self, *, certificates: str | None = None, direct: bool = False) -> None:
        """Trust a file of certificates instead of the usual one; `direct` means by no proxy."""
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
        """Send one request. Timeouts are in seconds, and end with the deadline at the latest.

        timeout is for all of it; connect_timeout, within it, is for the name, all the addresses
        behind it, the proxy and TLS.

        It is sent once at most. fresh asks for a new connection: one that was kept may turn out to
        be closed when it is too late to know whether the request arrived.

        Raises:
            NoResponseError: there is no usable answer.
            ValueError: the URL or a header cannot be sent.
        """
        lines = _header_lines(url, headers)
        seconds = deadline.remaining(timeout)
        if seconds <= 0:
            raise NoResponseError(
                "the time for this request is over", was_sent=False, worth_retrying=False
            )
        connection = self._mine.to(urlsplit(url)[:2])
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

        libcurl keeps no connection that has served no request, so this asks for the head of `/`,
        without credentials, and takes whatever is answered.
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
            return  # the first request will meet it again, and tell

    def close(self) -> None:
        """Close this thread's connections."""
        self._mine.close()


@cache
def shared(*, certificates: str | None = None, direct: bool = False) -> Transport:
    """The transport of this process: certificates are read once for all hosts."""
    return Transport(certificates=certificates, direct=direct)


def usual_certificates() -> str:
    """The file of certificates to trust: SSL_CERT_FILE, or the system's.

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
        "no file of certificates was found: set SSL_CERT_FILE", was_sent=False, worth_retrying=False
    )


class _Connections(threading.local):
    """A thread's connections."""

    def __init__(self, certificates: str | None, direct: bool) -> None:
        self._multi = pycurl.CurlMulti()
        self._certificates = certificates
        self._direct = direct
        self._connections: dict[tuple[str, ...], _Connection] = {}

    def to(self, origin: tuple[str, ...]) -> "_Connection":
        """The connection to a host, open or not."""
        connection = self._connections.get(origin)
        if connection is None:
            connection = _Connection(self._multi, self._certificates or usual_certificates())
            if self._direct:
                connection.curl.setopt(pycurl.NOPROXY, "*")
            self._connections[origin] = connection
        return connection

    def forget(self, connection: "_Connection") -> None:
        """Close a connection; whatever it holds is nobody's answer."""
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
    """An easy handle, which stays in the multi handle to keep hold of its last connection."""

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
        """Whether the idle connection has nothing to read: no bytes, no end, nothing inside TLS.

        Reading is for connections made with CONNECT_ONLY, which is looked up when it is asked for.
        It takes this connection into use; leaving the multi handle releases it.
        """
        # By this clock too: libcurl's own may stand still while Lambda has frozen the function.
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
        """Leave the multi handle; it closes the connection of a handle that is CONNECT_ONLY."""
        if self._in_multi:
            self.curl.setopt(pycurl.CONNECT_ONLY, 0 if reusable else 1)
            self._multi.remove_handle(self.curl)
            self.curl.setopt(pycurl.CONNECT_ONLY, 0)
            self._in_multi = False

    def prepare(
        self, method: str, url: str, lines: list[str], body: bytes | None, signer: Signer | None
    ) -> None:
        """Set what the next request is; most requests differ from the last one in little."""
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
        """Set how long the next request and its connecting may take."""
        limits = (max(1, int(seconds * 1000)), max(1, int(connect_seconds * 1000)))
        if limits != self._limits:
            self.curl.setopt(pycurl.TIMEOUT_MS, limits[0])
            self.curl.setopt(pycurl.CONNECTTIMEOUT_MS, limits[1])
            self._limits = limits

    def perform(self) -> Response:
        """Send what is prepared.

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
            # Nothing to wait for, as while a name is resolved, is no reason to go round and round.
            if wait and not multi.select(wait / 1000 if wait > 0 else 1.0):
                time.sleep(0.001)
        _, _, failures = self._multi.info_read()
        if failures:
            raise self._failure(failures[0][1])
        self._used_at = time.time()
        status = self.curl.getinfo(pycurl.RESPONSE_CODE)
        headers = _headers(self._lines)
        # libcurl takes the end of a connection for the end of a head, and of a body without length.
        has_end = (
            self._kind[0] == "HEAD" or status in _BODILESS or (headers or {}).keys() & _LENGTHS
        )
        if headers is None or status < _FINAL or not has_end:
            raise NoResponseError("the answer is not whole", was_sent=True, worth_retrying=True)
        return Response(status, headers, b"".join(self._parts))

    def close(self) -> None:
        """Close the connection and its handle."""
        self.detach(reusable=False)
        self.curl.close()

    def _sign_with(self, signer: Signer | None) -> None:
        self._signer = signer
        self.curl.setopt(pycurl.PATH_AS_IS, signer is None)  # libcurl signs no path as it is
        if signer is None:
            self.curl.setopt(pycurl.HTTPAUTH, pycurl.HTTPAUTH_NONE)  # which AWS_SIGV4 sets again
        else:
            self.curl.setopt(pycurl.AWS_SIGV4, f"aws:amz:{signer.region}:{signer.service}")
            self.curl.setopt(pycurl.USERNAME, signer.access_key_id)
            self.curl.setopt(pycurl.PASSWORD, signer.secret_access_key)

    def _may_send(self, *_: object) -> int:
        # libcurl repeats a request, a POST too, that it lost on a connection that was kept. Who
        # called knows better whether that is good, and counts the tries.
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
    # A line feed would begin another header. pycurl passes it on, and its error for other alphabets
    # quotes the header.
    everything = "".join((url, *lines))
    if " " in url or not (everything.isascii() and everything.isprintable()):
        raise ValueError("a URL or a header holds what neither may hold")
    # What libcurl would add on its own; what has no value here is not sent.
    return [*lines, "Accept:", "Expect:"]


def _headers(lines: list[bytes]) -> dict[str, str] | None:
    """The headers of the last answer, if their end has come."""
    headers: dict[str, str] = {}
    ended = False
    for line in lines:
        if line.startswith(b"HTTP/"):  # the one before was a proxy's, or announced this one
            headers, ended = {}, False
        elif line in (b"\r\n", b"\n"):
            ended = True
        else:
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
    return headers if ended else None
