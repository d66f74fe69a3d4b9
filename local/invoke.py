"""`python -m local.invoke`: run one function on its own, against the running laptop stack.

STEP says which. EVENT names a file with another event than that of tests/events. `sam local invoke`
runs the function in a container; where there is no Docker, the emulator runs it. The answer goes to
standard output, and all else to standard error.
"""

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from local.deploy import sam_environment
from local.functions import Functions
from local.paths import LOCAL, ROOT
from local.processes import StackError, StopRequestedError, Supervisor
from local.sam_local import Container, find_engine
from local.sample_events import event_for, function_id, steps
from local.state import Stack, read_stack

FORWARDER_TIMEOUT_SECONDS = 10.0


def main(environment: Mapping[str, str], directory: Path = LOCAL) -> int:
    """Invoke the function and return the exit code."""
    try:
        step, own_event = _wanted(environment)
        stack = _running(directory)
        functions = Functions(stack)
        event = own_event or _sample_event(step, functions, directory / "invoke")
        return _invoke(step, event, functions, stack, directory / "invoke")
    except StopRequestedError:
        return 130
    except StackError as error:
        _say(str(error))
        return 1


def _running(directory: Path) -> Stack:
    stack = read_stack(directory)
    if stack is None:
        raise StackError("No stack is running: start one with make dev.")
    return stack


def _wanted(environment: Mapping[str, str]) -> tuple[str, Path | None]:
    step = environment.get("STEP", "")
    if step not in steps():
        raise StackError(
            f"STEP={step} is not a step.\nChoose one: make invoke STEP=… with {', '.join(steps())}."
        )
    event = Path(environment["EVENT"]).resolve() if environment.get("EVENT") else None
    if event and not event.is_file():
        raise StackError(f"EVENT={event}: there is no such file.")
    return step, event


def _sample_event(step: str, functions: Functions, directory: Path) -> Path:
    """Write the step's event to a file, after the emulator has made what it names."""

    def run(earlier: str, event: str) -> dict[str, Any]:
        _say(f"The event needs {earlier} before it; the emulator runs that.")
        answer = functions.invoke(earlier, event)
        if not answer.succeeded:
            raise StackError(f"{earlier} failed: {answer.payload}\n{answer.logs}")
        payload: dict[str, Any] = json.loads(answer.payload)
        return payload

    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{step}.json"
    path.write_text(event_for(step, run))
    return path


def _invoke(step: str, event: Path, functions: Functions, stack: Stack, directory: Path) -> int:
    try:
        engine = find_engine()
    except StackError as reason:
        _say(f"No container: {reason}")
        _say("The emulator runs the function instead, as make dev has deployed it.\n")
        answer = functions.invoke(step, event.read_text())
        sys.stderr.write(answer.logs)
        sys.stderr.flush()
        print(answer.payload, flush=True)
        return 0
    container = Container(function_id(step), engine, directory)
    supervisor = Supervisor()
    supervisor.stop_on_signals()
    with supervisor:
        _build(container, supervisor, stack, directory)
        container.write_files(functions.environment(step))
        if engine.bridge:
            _forward(container, supervisor, stack, directory)
        return _run(container.invoke_command(event), supervisor, stack.aws_endpoint_url)


def _build(container: Container, supervisor: Supervisor, stack: Stack, directory: Path) -> None:
    command = container.build_command()
    _say(f'PATH="$PWD/.venv/bin:$PATH" {shlex.join(command)}')
    supervisor.run(
        "sam build",
        command,
        env=sam_environment(stack.aws_endpoint_url, layer_platform="lambda"),
        cwd=ROOT,
        log=directory / "logs" / "sam-build.log",
    )


def _forward(container: Container, supervisor: Supervisor, stack: Stack, directory: Path) -> None:
    urls = [stack.aws_endpoint_url, *([stack.stripe_api_url] if stack.simulated_stripe else [])]
    command = container.forward_command([urlsplit(url).port or 0 for url in urls])
    _say(f"{shlex.join(command)} &")
    forwarder = supervisor.start_service(
        "The way from the container to this machine",
        command,
        env=dict(os.environ),
        cwd=ROOT,
        log=directory / "logs" / "forward.log",
    )
    supervisor.wait_until(
        lambda: "Forwarding" in forwarder.log_tail(),
        timeout=FORWARDER_TIMEOUT_SECONDS,
        what="The forwarder's start",
    )


def _run(command: list[str], supervisor: Supervisor, endpoint_url: str) -> int:
    _say(shlex.join(command) + "\n")
    sam = subprocess.Popen(  # noqa: S603
        command,
        cwd=ROOT,
        env=sam_environment(endpoint_url, layer_platform="lambda"),
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # so that Ctrl-C reaches it once, from here
    )
    try:
        supervisor.wait_until(lambda: sam.poll() is not None)
    except BaseException:
        sam.send_signal(signal.SIGINT)  # SAM then removes its container
        raise
    finally:
        sam.wait()
    return sam.returncode


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(os.environ))
