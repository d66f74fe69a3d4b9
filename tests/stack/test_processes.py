"""The supervisor: nothing that it started outlives it."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from local import StackError
from local.processes import Child, StopRequestedError, Supervisor
from tests.support.processes import is_running, wait_for

# A server like MiniStack: it has started processes, and takes a while to end.
SERVER_WITH_A_WORKER = """
import subprocess, sys, time
worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(worker.pid, flush=True)
time.sleep(60)
"""
SERVER_THAT_IGNORES_SIGTERM = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(60)
"""


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    return tmp_path / "logs"


def _start(supervisor: Supervisor, name: str, script: str, logs: Path) -> Child:
    return supervisor.start_service(
        name,
        [sys.executable, "-c", script],
        env=dict(os.environ),
        cwd=logs.parent,
        log=logs / f"{name}.log",
    )


def _worker_of(server: Child) -> int:
    wait_for(lambda: server.log.read_text().endswith("\n"))
    return int(server.log.read_text())


def test_a_service_that_ends_stops_everything_and_shows_the_end_of_its_log(logs: Path) -> None:
    def run() -> None:
        with Supervisor() as supervisor:
            server = _start(supervisor, "The server", SERVER_WITH_A_WORKER, logs)
            pids.extend([server.process.pid, _worker_of(server)])
            _start(supervisor, "The other", "print('no memory left'); raise SystemExit(3)", logs)
            supervisor.wait_until(lambda: False, timeout=30)

    pids: list[int] = []

    with pytest.raises(StackError) as failure:
        run()

    assert "The other ended unexpectedly with exit code 3" in str(failure.value)
    assert "no memory left" in str(failure.value)
    assert [pid for pid in pids if is_running(pid)] == []


def test_a_service_that_ignores_the_request_to_end_is_killed(
    logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.processes.GRACE_SECONDS", 0.2)

    with Supervisor() as supervisor:
        server = _start(supervisor, "stubborn", SERVER_THAT_IGNORES_SIGTERM, logs)
        wait_for(lambda: server.log.read_text() == "ready\n")

    assert server.process.returncode == -signal.SIGKILL


def test_workers_of_a_service_that_died_are_stopped_too(logs: Path) -> None:
    with Supervisor() as supervisor:
        server = _start(supervisor, "server", SERVER_WITH_A_WORKER, logs)
        worker = _worker_of(server)
        server.process.kill()
        server.process.wait()
        assert is_running(worker)

    assert not is_running(worker)


def test_a_request_to_stop_ends_a_wait_at_once(logs: Path) -> None:
    with Supervisor() as supervisor:
        server = _start(supervisor, "server", SERVER_WITH_A_WORKER, logs)
        supervisor.stop_requested.set()
        started = time.monotonic()
        with pytest.raises(StopRequestedError):
            supervisor.wait_until(lambda: False, timeout=30)
        assert time.monotonic() - started < 1

    assert not is_running(server.process.pid)


def test_a_command_that_fails_shows_the_end_of_its_log(logs: Path) -> None:
    lines = "\\n".join(f"line {number}" for number in range(100))

    with Supervisor() as supervisor, pytest.raises(StackError) as failure:
        supervisor.run(
            "sam build",
            [sys.executable, "-c", f"print('{lines}'); raise SystemExit(2)"],
            env=dict(os.environ),
            cwd=logs.parent,
            log=logs / "sam.log",
        )

    assert "sam build failed with exit code 2" in str(failure.value)
    assert str(logs / "sam.log") in str(failure.value)
    assert "line 99" in str(failure.value)
    assert "line 50" not in str(failure.value)


def test_a_wait_has_an_end_and_says_what_did_not_happen() -> None:
    with Supervisor() as supervisor, pytest.raises(StackError, match="MiniStack's start did not"):
        supervisor.wait_until(lambda: False, timeout=0.1, what="MiniStack's start")
