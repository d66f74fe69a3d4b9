"""Requests that libcurl sends, to servers that behave in unusual ways."""

import resource
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pycurl
import pytest

from payments import deadline
from payments import transport as module
from payments.transport import NoResponseError, Response, Signer, Transport
from tests.support.fakes.http_server import (
    Behaviour,
    HttpServer,
    answer,
    answers,
    in_turn,
    passes_on,
    trusted,
    wait_until_received,
)

ANSWER = answer(b"ok", b"Request-Id: req_1")
CLOSING = answer(b"ok", b"Connection: close")
UNASKED = answer(b"somebody else's", status=b"201 Created")
MEGABYTE = 1_000_000


@contextmanager
def connected(server: HttpServer) -> Iterator[Transport]:
    transport = Transport()
    with server.running():
        try:
            yield transport
        finally:
            transport.close()


def send(
    transport: Transport, server: HttpServer, method: str = "GET", path: str = "/", **more: object
) -> Response:
    options = {"headers": {}, "connect_timeout": 1, "timeout": 1, **more}
    return transport.send(method, server.url + path, **options)  # type: ignore[arg-type]


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """The server's side of TLS, set up correctly."""
    return trusted("127.0.0.1", tmp_path, monkeypatch)


@pytest.fixture(params=["plain", "tls"])
def encryption(request: pytest.FixtureRequest) -> ssl.SSLContext | None:
    """The same over HTTP and over HTTPS."""
    if request.param == "plain":
        return None
    context: ssl.SSLContext = request.getfixturevalue("tls")
    return context


# What is sent, and on which connection


def test_a_connection_serves_many_requests(encryption: ssl.SSLContext | None) -> None:
    server = HttpServer(answers(ANSWER), encryption)
    with connected(server) as transport:
        for _ in range(3):
            response = send(transport, server)
            assert (response.status, response.body) == (200, b"ok")
            assert response.headers["request-id"] == "req_1"
    assert server.opened == 1


def test_a_request_is_sent_as_it_is_given_and_nothing_is_added() -> None:
    server = HttpServer(answers(ANSWER))
    with connected(server) as transport:
        headers = {"Content-Type": "text/plain", "One": "1", "Empty": ""}
        send(transport, server, "POST", "/path?query", headers=headers, body="Zoë\0".encode())
        send(transport, server, "GET", "/v1/../other")
        send(transport, server, "POST", "/empty")
        send(transport, server, "DELETE", "/gone")
        send(transport, server, "GET", "/again")
    host = f"Host: {server.host}\r\n".encode()
    form = b"Content-Type: application/x-www-form-urlencoded\r\n"
    assert server.requests == [
        b"POST /path?query HTTP/1.1\r\n"
        + host
        + b"Content-Type: text/plain\r\nOne: 1\r\nEmpty:\r\nContent-Length: 5\r\n\r\nZo\xc3\xab\0",
        b"GET /v1/../other HTTP/1.1\r\n" + host + b"\r\n",
        b"POST /empty HTTP/1.1\r\n" + host + b"Content-Length: 0\r\n" + form + b"\r\n",
        b"DELETE /gone HTTP/1.1\r\n" + host + b"\r\n",
        b"GET /again HTTP/1.1\r\n" + host + b"\r\n",
    ]
    assert server.opened == 1


def test_a_large_body_is_sent_at_once() -> None:
    server = HttpServer(answers(ANSWER))
    with connected(server) as transport:
        send(transport, server, "POST", body=b"x" * 3 * MEGABYTE)
        assert b"Expect" not in server.requests[0][:500]


@pytest.mark.parametrize("value", ["a\r\nInjected: b", "a\nb", "a\0b", "ü", "secret\x7f"])
@pytest.mark.parametrize("place", ["header", "path"])
def test_forbidden_characters_in_a_header_or_url_are_not_sent(value: str, place: str) -> None:
    server = HttpServer(answers(ANSWER))
    headers = {"Key": value} if place == "header" else {}
    path = f"/{value}" if place == "path" else "/"
    with connected(server) as transport:
        with pytest.raises(ValueError, match="a URL or a header") as refused:
            send(transport, server, path=path, headers=headers)
        assert value not in str(refused.value)
        assert server.opened == 0


def test_only_http_is_spoken(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    with pytest.raises(NoResponseError):
        Transport().send("GET", secret.as_uri(), headers={}, connect_timeout=1, timeout=1)


def test_neither_http_2_nor_cookies_nor_a_netrc_come_into_it(
    tls: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("default login somebody password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    tls.set_alpn_protocols(["h2", "http/1.1"])
    server = HttpServer(answers(answer(b"ok", b"Set-Cookie: a=b")), tls)
    with connected(server) as transport:
        for _ in range(2):
            send(transport, server)
    assert server.protocols == ["http/1.1"]
    assert b"Authorization" not in server.requests[1]
    assert b"Cookie" not in server.requests[1]


def test_each_thread_has_its_own_connections() -> None:
    server = HttpServer(answers(ANSWER))
    with connected(server) as transport:
        bodies = []
        send(transport, server)
        thread = threading.Thread(target=lambda: bodies.append(send(transport, server).body))
        thread.start()
        thread.join()
        send(transport, server)
    assert bodies == [b"ok"]
    assert server.opened == 2


# A connection that was idle


@pytest.mark.parametrize("behaviour", [answers(CLOSING), answers(ANSWER, keeps_open=False)])
def test_a_connection_that_was_closed_meanwhile_is_not_used_again(
    behaviour: Behaviour, encryption: ssl.SSLContext | None
) -> None:
    server = HttpServer(behaviour, encryption)
    with connected(server) as transport:
        for _ in range(3):
            assert send(transport, server, "POST", body=b"").body == b"ok"
            assert server.closed.acquire(timeout=5)
    assert server.opened == 3
    assert len(server.requests) == 3  # so none was tried on a dead one


@pytest.mark.parametrize("clock", ["the wall's", "libcurl's"])
def test_a_connection_that_was_idle_for_long_is_not_used_again(
    clock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_IDLE_SECONDS", 1)
    server = HttpServer(answers(ANSWER))
    with connected(server) as transport:
        send(transport, server)
        if clock == "libcurl's":
            now = time.time()
            monkeypatch.setattr(time, "time", lambda: now)
            time.sleep(1.1)  # there is no other way to move its clock
        else:
            later = time.time() + 2
            monkeypatch.setattr(time, "time", lambda: later)
        send(transport, server)
        send(transport, server)
    assert server.opened == 2


@pytest.mark.parametrize("pause", [0, 0.05])
def test_an_answer_that_nobody_asked_for_is_dropped(
    pause: float, encryption: ssl.SSLContext | None
) -> None:
    # Given
    told_more = threading.Semaphore(0)

    def behaviour(connection: socket.socket) -> bool:
        connection.sendall(ANSWER)
        time.sleep(pause)
        connection.sendall(UNASKED)
        wait_until_received(connection)
        told_more.release()
        return True

    server = HttpServer(behaviour, encryption)
    with connected(server) as transport:
        for _ in range(3):
            # When
            response = send(transport, server)
            # Then
            assert (response.status, response.body) == (200, b"ok")
            assert told_more.acquire(timeout=5)
    assert server.opened == len(server.requests) == 3


def test_two_answers_that_arrive_together_are_one(encryption: ssl.SSLContext | None) -> None:
    nothing = b"HTTP/1.1 204 No Content\r\n\r\n"
    server = HttpServer(
        in_turn(answers(ANSWER + UNASKED), answers(nothing + UNASKED), answers(ANSWER + b"x")),
        encryption,
    )
    with connected(server) as transport:
        assert [send(transport, server).body for _ in range(3)] == [b"ok", b"", b"ok"]
    assert server.opened == 3


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_libcurl_does_not_send_again_what_it_lost_on_a_connection_that_was_kept(
    method: str, encryption: ssl.SSLContext | None
) -> None:
    server = HttpServer(
        in_turn(answers(ANSWER), answers(keeps_open=False), answers(ANSWER)), encryption
    )
    with connected(server) as transport:
        send(transport, server)
        with pytest.raises(NoResponseError, match="without an answer") as lost:
            send(transport, server, method)
        assert (lost.value.was_sent, lost.value.worth_retrying) == (True, True)
        assert len(server.requests) == 2
        assert send(transport, server, method).body == b"ok"


def test_a_request_for_a_fresh_connection_gets_one(encryption: ssl.SSLContext | None) -> None:
    server = HttpServer(
        in_turn(answers(ANSWER), answers(ANSWER), answers(ANSWER), answers(keeps_open=False)),
        encryption,
    )
    with connected(server) as transport:
        opened = []
        for fresh in (False, True, False):
            send(transport, server, "POST", fresh=fresh)
            opened.append(server.opened)
        assert opened == [1, 2, 2]
        with pytest.raises(NoResponseError) as lost:
            send(transport, server, "POST", body=b"once", fresh=True)
        assert lost.value.was_sent
        assert len(server.requests) == 4
        assert server.opened == 3


# Opening ahead of time


def test_a_connection_can_be_opened_before_it_is_needed(encryption: ssl.SSLContext | None) -> None:
    head = b"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n"
    server = HttpServer(in_turn(answers(head), answers(ANSWER)), encryption)
    with connected(server) as transport:
        transport.open(server.url + "/")
        assert send(transport, server).body == b"ok"
    assert server.opened == 1
    assert server.requests[0] == f"HEAD / HTTP/1.1\r\nHost: {server.host}\r\n\r\n".encode()


def test_opening_one_to_a_closed_port_is_not_a_failure_yet() -> None:
    nobody = nobodys_url()
    transport = Transport()
    transport.open(nobody)
    with pytest.raises(NoResponseError) as failure:
        transport.send("GET", nobody, headers={}, connect_timeout=1, timeout=1)
    assert not failure.value.was_sent


def nobodys_url() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}/"


# Answers


def test_an_answer_may_come_in_chunks_and_after_an_interim_one() -> None:
    parts = (
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 402 Payment Required\r\n",
        b"Transfer-Encoding: chunked\r\nA: 1\r\n\r\n2\r\nno\r\n",
        b"1\r\n!\r\n0\r\n\r\n",
    )
    server = HttpServer(answers(*parts))
    with connected(server) as transport:
        for _ in range(2):
            response = send(transport, server)
            assert (response.status, response.body) == (402, b"no!")
            assert "link" not in response.headers


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    server = HttpServer(answers(answer(b"", b"Location: /elsewhere", status=b"302 Found")))
    with connected(server) as transport:
        assert send(transport, server).status == 302
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "behaviour",
    [
        answers(keeps_open=False),
        answers(ANSWER[:20], keeps_open=False),
        answers(ANSWER[:17], keeps_open=False),
        answers(ANSWER[:-4], keeps_open=False),
        answers(ANSWER[:-1], keeps_open=False),
        answers(b"HTTP/1.1 200 OK\r\n\r\n", keeps_open=False),
        answers(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf", keeps_open=False
        ),
        answers(b"HTTP/1.1 200 OK\r\n\r\nhalf or whole", keeps_open=False),
        answers(ANSWER.replace(b"\r\n", b"\r\nContent-Length: 1\r\n", 1)),
        answers(b"SSH-2.0-OpenSSH_9.2\r\n"),
        answers(b"SSH-2.0-OpenSSH_9.2\r\n", keeps_open=False),
        answers(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nx"),
        answers(b"HTTP/1.1 100 Continue\r\n\r\n"),
        answers(b"HTTP/1.1 103 Early Hints\r\n\r\n", keeps_open=False),
    ],
    ids=[
        "nothing",
        "half a head",
        "a status",
        "all but the end of a head",
        "half a body",
        "no body",
        "half a chunk",
        "no end",
        "two lengths",
        "another protocol",
        "another protocol and goodbye",
        "an upgrade",
        "an announcement and nothing more",
        "an announcement and goodbye",
    ],
)
def test_no_answer_is_a_failure_and_disturbs_nobody_else(behaviour: Behaviour) -> None:
    server = HttpServer(in_turn(behaviour, answers(ANSWER)))
    with connected(server) as transport:
        with pytest.raises(NoResponseError) as failure:
            send(transport, server, timeout=0.5)
        assert failure.value.was_sent
        assert failure.value.worth_retrying
        assert len(server.requests) == 1
        assert send(transport, server).body == b"ok"
    assert server.opened == 2


def endlessly(head: bytes, part: bytes) -> Behaviour:
    def behaviour(connection: socket.socket) -> bool:
        connection.sendall(head)
        for _ in range(200 * MEGABYTE // len(part)):
            connection.sendall(part)
        return False

    return behaviour


CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("head", "part"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n", b"x" * MEGABYTE),
        (CHUNKS, b"f4240\r\n" + b"x" * MEGABYTE + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\n", b"X-Header: more and more\r\n" * 40_000),
        (b"HTTP/1.1 200 OK\r\nX-Header: ", b"x" * MEGABYTE),
    ],
    ids=["a body", "a body of unknown size", "headers", "a header"],
)
def test_an_answer_that_is_too_large_is_given_up_on_early(head: bytes, part: bytes) -> None:
    server = HttpServer(endlessly(head, part))
    with connected(server) as transport:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with pytest.raises(NoResponseError, match="too large") as failure:
            send(transport, server, timeout=20)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert not failure.value.worth_retrying
    assert grown < 50_000  # kilobytes; the answer is 200,000


def test_the_largest_answer_that_is_taken() -> None:
    server = HttpServer(answers(answer(b"x" * module.MAX_BODY_BYTES)))
    with connected(server) as transport:
        assert len(send(transport, server, timeout=10).body) == module.MAX_BODY_BYTES


def test_endless_interim_answers_are_given_up_on() -> None:
    server = HttpServer(endlessly(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 1000))
    with connected(server) as transport, pytest.raises(NoResponseError):
        send(transport, server, timeout=20)


# Time


def test_an_answer_that_trickles_in_is_given_up_on_in_time() -> None:
    given_up = threading.Event()

    def trickle(connection: socket.socket) -> bool:
        for byte in ANSWER:  # each well within the time for the whole
            connection.sendall(bytes([byte]))
            if given_up.wait(0.1):
                break
        return False

    server = HttpServer(trickle)
    with connected(server) as transport:
        with pytest.raises(NoResponseError, match="it took too long"):
            send(transport, server, timeout=0.5)
        given_up.set()


def test_connecting_is_limited_over_all_addresses_together() -> None:
    with ExitStack() as stack:
        addresses = ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
        port = deaf_port(stack, addresses)
        transport = Transport()
        host = f"several.example:{port}"
        curl = transport._mine.to(f"http://{host}/").curl
        curl.setopt(pycurl.RESOLVE, [f"{host}:{','.join(addresses)}"])
        started = time.monotonic()
        with pytest.raises(NoResponseError, match="it took too long") as failure:
            transport.send("GET", f"http://{host}/", headers={}, connect_timeout=0.4, timeout=9)
        assert 0.3 < time.monotonic() - started < 0.8
        assert not failure.value.was_sent
        transport.close()


def deaf_port(stack: ExitStack, addresses: list[str]) -> int:
    """A port on which none of these addresses accepts a connection: their queues are full."""
    port = 0
    for address in addresses:
        listener = stack.enter_context(socket.create_server((address, port), backlog=0))
        port = listener.getsockname()[1]
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((address, port))
    return port


def test_tls_is_a_part_of_connecting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        transport = Transport()
        started = time.monotonic()
        with pytest.raises(NoResponseError, match="it took too long") as failure:
            transport.send("GET", url, headers={}, connect_timeout=0.3, timeout=9)
        assert time.monotonic() - started < 0.8
        assert not failure.value.was_sent
        transport.close()


def test_all_calls_share_one_deadline() -> None:
    silent = threading.Event()

    def behaviour(_: socket.socket) -> bool:
        silent.wait(5)
        return False

    server = HttpServer(behaviour)
    with connected(server) as transport:
        started = time.monotonic()
        with deadline.start(0.4):
            with pytest.raises(NoResponseError, match="it took too long"):
                send(transport, server, timeout=0.2)
            with pytest.raises(NoResponseError, match="it took too long"):
                send(transport, server, timeout=9)
            with pytest.raises(NoResponseError, match="the time for this request is up") as over:
                send(transport, server, timeout=9)
        assert 0.3 < time.monotonic() - started < 0.9
        assert (over.value.was_sent, over.value.worth_retrying) == (False, False)
        assert len(server.requests) == 2
        silent.set()


# Names, certificates and proxies


def test_a_name_that_does_not_resolve_is_a_failure() -> None:
    with pytest.raises(NoResponseError, match="does not resolve") as failure:
        Transport().send("GET", "https://nobody.invalid/", headers={}, connect_timeout=1, timeout=1)
    assert not failure.value.was_sent


@pytest.mark.parametrize("fault", ["not trusted", "another name", "no such file"])
def test_no_request_is_sent_to_a_server_that_cannot_prove_its_name(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "127.0.0.2" if fault == "another name" else "127.0.0.1"
    server = HttpServer(answers(ANSWER), trusted(address, tmp_path, monkeypatch))
    if fault == "not trusted":
        monkeypatch.delenv("SSL_CERT_FILE")
    if fault == "no such file":
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with connected(server) as transport, pytest.raises(NoResponseError) as failure:
        send(transport, server)
    assert server.requests == []
    assert (failure.value.was_sent, failure.value.worth_retrying) == (False, False)


def test_certificates_are_found_where_the_system_keeps_them(
    tls: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    places = (str(tmp_path / "none.pem"), str(tmp_path / "certificate.pem"))
    monkeypatch.setattr(module, "CERTIFICATES", places)
    server = HttpServer(answers(ANSWER), tls)
    with connected(server) as transport:
        assert send(transport, server).body == b"ok"


def test_a_system_without_certificates_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setattr(module, "CERTIFICATES", ("/nowhere/ca.pem",))
    with pytest.raises(NoResponseError, match="set SSL_CERT_FILE"):
        Transport().send("GET", "https://127.0.0.1/", headers={}, connect_timeout=1, timeout=1)


def test_certificates_are_read_once_for_all_hosts(tls: ssl.SSLContext, tmp_path: Path) -> None:
    servers = [HttpServer(answers(ANSWER), tls) for _ in range(2)]
    with ExitStack() as stack:
        for server in servers:
            stack.enter_context(server.running())
        transport = Transport()
        send(transport, servers[0])
        (tmp_path / "certificate.pem").unlink()
        assert send(transport, servers[1]).body == b"ok"
        transport.close()


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy"])
def test_a_proxy_is_asked_to_connect_and_learns_nothing_else(
    variable: str, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = HttpServer(answers(ANSWER), tls)
    proxy = HttpServer(passes_on(server.host))
    monkeypatch.setenv(variable, f"http://till:open-sesame@{proxy.host}")
    with proxy.running(), connected(server) as transport:
        for _ in range(2):
            response = send(transport, server, headers={"Authorization": "Bearer sk_test_1"})
            assert response.body == b"ok"
            assert "via" not in response.headers
    assert server.opened == proxy.opened == 1
    (asked,) = proxy.requests
    assert asked.startswith(f"CONNECT {server.host} HTTP/1.1\r\n".encode())
    assert b"Proxy-Authorization: Basic " in asked
    assert b"sk_test_1" not in asked


def test_a_proxy_is_not_asked_for_what_is_excepted_from_it(
    tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = HttpServer(answers(ANSWER), tls)
    monkeypatch.setenv("HTTPS_PROXY", nobodys_url())
    with connected(server) as transport:
        with pytest.raises(NoResponseError):
            send(transport, server)
        direct = Transport(direct=True)
        assert send(direct, server).body == b"ok"
        direct.close()
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        assert send(transport, server).body == b"ok"


def test_a_proxys_refusal_tells_no_secret(
    tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = answer(b"till:open-sesame?", status=b"407 Proxy Authentication Required")
    server = HttpServer(answers(ANSWER), tls)
    proxy = HttpServer(answers(refusal))
    monkeypatch.setenv("HTTPS_PROXY", f"http://till:open-sesame@{proxy.host}")
    with proxy.running(), connected(server) as transport:
        with pytest.raises(NoResponseError) as failure:
            send(transport, server)
        told_nothing(failure.value)
    assert server.opened == 0


# Secrets


def told_nothing(error: BaseException | None) -> None:
    """No part of an error, or of what it came from, shows what was sent."""
    while error:
        shown = f"{error!r} {error} {vars(error)}"
        for secret in ("open-sesame", "sk_test", "token", "the-body", "Authorization", "id=1"):
            assert secret not in shown
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize("failing", [answers(keeps_open=False), answers(b"sk_test_1 token\r\n")])
def test_a_failure_shows_nothing_of_the_request(failing: Behaviour) -> None:
    server = HttpServer(failing)
    with connected(server) as transport, pytest.raises(NoResponseError) as failure:
        send(
            transport,
            server,
            "POST",
            "/path?id=1",
            headers={"Authorization": "Bearer sk_test_1", "X-Amz-Security-Token": "token"},
            body=b"the-body",
            signer=None,
        )
    told_nothing(failure.value)


def test_no_representation_shows_a_secret() -> None:
    shown = repr(Response(200, {"a": "sk_test_1"}, b"the-body"))
    shown += repr(Signer("eu-west-1", "dynamodb", "AKID", "open-sesame"))
    assert "eu-west-1" in shown
    assert not {secret for secret in ("sk_test_1", "the-body", "open-sesame") if secret in shown}
