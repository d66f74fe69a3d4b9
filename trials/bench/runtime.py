"""One execution environment: the runtime emulator, and below it the function's own process.

A function in Python runs under AWS's runtime client, one in Node under node_runtime.cjs.

The emulator ships inside aws-sam-cli. It starts the process with the first invocation, as Lambda
does for a cold start, takes one invocation at a time and answers 200 to everything.
"""

import http.client
import json
import os
import platform
import random
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from local.paths import LOCAL
from trials.bench.artifacts import PYTHON, Function

_NODE_LOOP = Path(__file__).with_name("node_runtime.cjs")
_INVOCATIONS = "/2015-03-31/functions/function/invocations"
_INIT_REPORT = re.compile(r"INIT REPORT\(durationMs: ([0-9.]+)")
_START_SECONDS = 10.0
_POLL_SECONDS = 0.002
_ANSWER_SECONDS = 60.0
_MEGABYTE = 1_000_000
_LOG_TAIL = 3000
_PORTS = (20_000, 32_768)  # below those that systems give to outgoing connections


class RuntimeFailedError(Exception):
    """A function did not do what it was invoked for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a function answered, and how long that took."""

    body: dict[str, Any]
    seconds: float


def emulator() -> Path:
    """The runtime emulator for this machine."""
    machine = "arm64" if platform.machine().lower() in {"arm64", "aarch64"} else "x86_64"
    (found,) = (LOCAL / "venvs" / "sam").glob(
        f"lib/python*/site-packages/samcli/local/rapid/aws-lambda-rie-{machine}"
    )
    return found


class Runtime:
    """A function, ready to start with its first invocation."""

    def __init__(
        self,
        function: Function,
        environment: Mapping[str, str],
        *,
        log: Path,
        wrapper: tuple[str, ...] = (),
    ) -> None:
        """`wrapper` is a command that executes what follows it, say within limits."""
        self._function = function
        self._port, api_port = _free_port(), _free_port()
        self._log = log
        self._pid: int | None = None
        command: list[str | Path] = [
            *wrapper,
            emulator(),
            *("--runtime-interface-emulator-address", f"127.0.0.1:{self._port}"),
            *("--runtime-api-address", f"127.0.0.1:{api_port}"),
            *_runtime_client(function),
        ]
        with log.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603
                command,
                cwd=function.directory,
                env={**self._of_lambda(), **function.environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        deadline = time.monotonic() + _START_SECONDS
        self._connection = http.client.HTTPConnection(
            "127.0.0.1", self._port, timeout=_ANSWER_SECONDS
        )
        while True:
            try:
                self._connection.connect()
            except ConnectionRefusedError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    self._stop()
                    raise RuntimeFailedError(self._end_of_log()) from None
                time.sleep(_POLL_SECONDS)
            else:
                return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._stop()

    def invoke(self, event: Mapping[str, Any], *, expect: int) -> Answer:
        """Invoke the function; the first time, that starts it.

        Raises:
            RuntimeFailedError: it answered with another status than the expected one.
        """
        started = time.perf_counter()
        answer = self.answer_to(event)
        seconds = time.perf_counter() - started
        if not isinstance(answer, dict) or answer.get("statusCode") != expect:
            raise RuntimeFailedError(f"{self._function.name}: {answer}\n{self._end_of_log()}")
        return Answer(json.loads(answer["body"]), seconds)

    def answer_to(self, event: object) -> Any:
        """What the function returns or, if it raises, the error that Lambda makes of it."""
        self._connection.request("POST", _INVOCATIONS, json.dumps(event).encode())
        return json.loads(self._connection.getresponse().read())

    @property
    def cpu_seconds(self) -> float:
        """User and system time of the function's process so far, all threads."""
        clock = (~self._function_pid << 3) | 2  # what clock_getcpuclockid(3) returns on Linux
        return time.clock_gettime(clock)

    @property
    def peak_memory_megabytes(self) -> float:
        """The most that the function's process has had in memory."""
        status = Path(f"/proc/{self._function_pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) * 1024 / _MEGABYTE

    @property
    def init_seconds(self) -> float:
        """How long the initialisation took, as the emulator reports it."""
        found = _INIT_REPORT.search(self._said())
        if not found:
            raise RuntimeFailedError(f"no INIT REPORT:\n{self._end_of_log()}")
        return float(found[1]) / 1000

    @property
    def _function_pid(self) -> int:
        if self._pid is None:
            children = " ".join(
                thread.joinpath("children").read_text()
                for thread in Path(f"/proc/{self._process.pid}/task").iterdir()
            ).split()
            (self._pid,) = map(int, children)
        return self._pid

    def _of_lambda(self) -> dict[str, str]:
        """What Lambda sets, and what makes this file system as unwritable as Lambda's."""
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": os.pathsep.join(map(str, self._function.layers)),
            "LAMBDA_TASK_ROOT": str(self._function.directory),
            "_HANDLER": self._function.handler,
            "AWS_LAMBDA_FUNCTION_NAME": self._function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self._function.memory_megabytes),
            "AWS_LAMBDA_FUNCTION_TIMEOUT": "60",
        }

    def _said(self) -> str:
        return self._log.read_text(errors="replace")

    def _end_of_log(self) -> str:
        return self._said()[-_LOG_TAIL:]

    def _stop(self) -> None:
        # The emulator puts the function in a process group of its own.
        for pid in filter(None, (self._pid or self._find_pid(), self._process.pid)):
            try:
                os.killpg(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._process.wait()

    def _find_pid(self) -> int | None:
        try:
            return self._function_pid
        except (OSError, ValueError):
            return None  # it never started


def _runtime_client(function: Function) -> list[str | Path]:
    """The command of the function's own process."""
    if function.language == "python":
        return [PYTHON, "-m", "awslambdaric", function.handler]
    # The options with which AWS's image starts Node.
    megabytes = function.memory_megabytes
    options = [
        "--expose-gc",
        "--max-http-header-size=81920",
        f"--max-semi-space-size={megabytes * 5 // 100}",
        f"--max-old-space-size={megabytes * 90 // 100}",
    ]
    return [str(shutil.which("node")), *options, _NODE_LOOP]


def _free_port() -> int:
    """A free port that no outgoing connection takes before we use it."""
    while True:
        port = random.randrange(*_PORTS)  # noqa: S311
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
