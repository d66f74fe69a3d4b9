import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest
import stripe

from stripe_simulator.server import running_simulator


@pytest.fixture
def process() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "stripe_simulator", "--port", "0"]
    with subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        yield running
        running.kill()


def _url(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_the_command_prints_its_url_once_it_answers(process: subprocess.Popen[str]) -> None:
    url = _url(process)

    assert httpx.get(f"{url}/_simulator/health").status_code == 200


def test_sigterm_stops_it_at_once_and_cleanly(process: subprocess.Popen[str]) -> None:
    url = _url(process)
    with httpx.Client(base_url=url) as client:
        client.post("/_simulator/faults", json={"kind": "timeout_before", "ms": 60_000})
        with socket.create_connection((httpx.URL(url).host, httpx.URL(url).port or 0)) as hanging:
            hanging.sendall(b"GET /v1/customers HTTP/1.1\r\nHost: simulator\r\n\r\n")
            while not client.get("/_simulator/requests").json()["data"]:
                pass

            started = time.monotonic()
            process.send_signal(signal.SIGTERM)
            output, errors = process.communicate(timeout=5)

    assert time.monotonic() - started < 2
    assert (process.returncode, output, errors) == (0, "", "")


def test_several_simulators_run_side_by_side() -> None:
    with running_simulator() as first, running_simulator() as second:
        assert first.url != second.url
        clients = [
            stripe.StripeClient(simulator.secret_key, base_addresses={"api": simulator.url})
            for simulator in (first, second)
        ]
        clients[0].v1.customers.create({})

        assert [len(client.v1.customers.list().data) for client in clients] == [1, 0]


def test_a_stopped_simulator_has_let_its_port_go() -> None:
    with running_simulator() as simulator:
        port = httpx.URL(simulator.url).port
    assert port is not None

    with running_simulator(port=port) as again:
        assert httpx.get(f"{again.url}/_simulator/health").status_code == 200


def test_it_starts_in_half_a_second() -> None:
    started = time.monotonic()
    with running_simulator():
        assert time.monotonic() - started < 0.5
