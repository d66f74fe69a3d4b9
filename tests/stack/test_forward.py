"""The way from a container to this machine's loopback."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from local.options import free_port
from local.paths import ROOT

# Another address of this machine than 127.0.0.1, as that of Docker's bridge is.
ADDRESS = "::1"


@pytest.fixture
def echo() -> Iterator[int]:
    """A server on 127.0.0.1 that sends back what it gets, once the caller has said all."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            caller, _ = listener.accept()
            with caller:
                caller.sendall(b"".join(iter(lambda: caller.recv(65536), b"")))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]


@contextmanager
def forwarder(*ports: int) -> Iterator[subprocess.Popen[str]]:
    """A forwarder in a process of its own."""
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "local.forward", ADDRESS, *map(str, ports)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def test_a_connection_reaches_the_same_port_of_the_loopback_and_its_answer_comes_back(
    echo: int,
) -> None:
    sent = b"more than one chunk " * 10_000
    with forwarder(echo) as process:
        assert process.stdout
        assert process.stdout.readline() == f"Forwarding from {ADDRESS}\n"

        with socket.create_connection((ADDRESS, echo), timeout=10) as caller:
            caller.sendall(sent)
            caller.shutdown(socket.SHUT_WR)
            assert b"".join(iter(lambda: caller.recv(65536), b"")) == sent


def test_a_connection_ends_if_nobody_listens_there() -> None:
    port = free_port()
    with forwarder(port) as process:
        assert process.stdout
        process.stdout.readline()

        with socket.create_connection((ADDRESS, port), timeout=10) as caller:
            assert caller.recv(1) == b""


def test_a_second_one_for_the_same_ports_says_what_is_the_matter() -> None:
    port = free_port()
    with forwarder(port) as first:
        assert first.stdout
        first.stdout.readline()

        with forwarder(port) as second:
            _, error = second.communicate(timeout=10)

    assert second.returncode == 1
    assert "Is another function running in a container?" in error
