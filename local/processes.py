"""Child processes: each starts its own group; they are watched and stopped together."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

GRACE_SECONDS = 3.0
POLL_SECONDS = 0.05
LOG_TAIL_LINES = 30


class StackError(Exception):
    """The stack cannot run; the message is for the person at the terminal."""


class StopRequestedError(Exception):
    """Someone asked us to stop, with Ctrl-C or a signal."""


@dataclass(frozen=True)
class Child:
    """A process that leads a group with its own children, and its log."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def log_tail(self) -> str:
        """Return the last lines of the child's output."""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-LOG_TAIL_LINES:])

    def signal_group(self, number: int) -> bool:
        """Signal the whole group; False if it has no members left."""
        # A leader that has ended counts as a member until we wait for it.
        self.process.poll()
        try:
            os.killpg(self.process.pid, number)
        except (ProcessLookupError, PermissionError):
            return False
        return True


class Supervisor:
    """Runs child processes and makes sure that none of them outlives it.

    Every wait goes through `wait_until`, which notices a request to stop, and a service that ended
    when it should not. Signal handlers therefore only set `stop_requested`: no start of a process
    is interrupted half-way, so no process can get lost.
    """

    def __init__(self, *, on_wait: Callable[[], None] = lambda: None) -> None:
        self.stop_requested = threading.Event()
        self._on_wait = on_wait
        self._children: list[Child] = []
        self._services: list[Child] = []

    def stop_on_signals(self) -> None:
        """Treat Ctrl-C and the signals that end a process as requests to stop."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self.stop_requested.set())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start_service(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        env: Mapping[str, str],
        cwd: Path,
        log: Path,
    ) -> Child:
        """Start a process that has to run until we stop it."""
        service = self._start(name, command, env=env, cwd=cwd, log=log)
        self._services.append(service)
        return service

    def run(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        env: Mapping[str, str],
        cwd: Path,
        log: Path,
    ) -> None:
        """Run a command and wait for it.

        Raises:
            StackError: the command failed.
        """
        child = self._start(name, command, env=env, cwd=cwd, log=log)
        self.wait_until(lambda: child.process.poll() is not None)
        if child.process.returncode:
            raise StackError(
                f"{name} failed with exit code {child.process.returncode}. "
                f"The last lines of {log}:\n{child.log_tail()}"
            )

    def wait_until(
        self, condition: Callable[[], bool], *, timeout: float | None = None, what: str = ""
    ) -> None:
        """Wait for a condition while all services keep running.

        Raises:
            StopRequestedError: someone asked us to stop.
            StackError: a service has ended, or time is up.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            self.check()
            if condition():
                return
            if deadline is not None and time.monotonic() > deadline:
                raise StackError(f"{what} did not happen within {timeout:.0f} s.")
            self._on_wait()
            self.stop_requested.wait(POLL_SECONDS)

    def stop(self) -> None:
        """End every child's processes; the child that started last goes first."""
        children = self._children[::-1]
        left = [child for child in children if child.signal_group(signal.SIGTERM)]
        deadline = time.monotonic() + GRACE_SECONDS
        while left and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
            left = [child for child in left if child.signal_group(0)]
        for child in left:
            child.signal_group(signal.SIGKILL)
        for child in children:
            child.process.wait()
        self._children.clear()
        self._services.clear()

    def _start(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        env: Mapping[str, str],
        cwd: Path,
        log: Path,
    ) -> Child:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - the commands come from this package
                command,
                env=env,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        child = Child(name, process, log)
        self._children.append(child)
        return child

    def check(self) -> None:
        """Raise what `wait_until` would raise now."""
        if self.stop_requested.is_set():
            raise StopRequestedError
        for service in self._services:
            code = service.process.poll()
            if code is not None:
                raise StackError(
                    f"{service.name} ended unexpectedly with exit code {code}. "
                    f"The last lines of {service.log}:\n{service.log_tail()}"
                )
