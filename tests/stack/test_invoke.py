"""`make invoke`, up to where it needs a running stack or a container."""

import sys
from pathlib import Path

import pytest

from local.functions import Answer
from local.invoke import _run, main
from local.processes import StopRequestedError, Supervisor

# Waits until it is told to stop, and then cleans up as SAM does.
SAM = """
import pathlib, signal, sys, time
folder = pathlib.Path(sys.argv[1])
def stop(*_):
    (folder / "stopped").touch()
    sys.exit(1)
signal.signal(signal.SIGINT, stop)
(folder / "started").touch()
while True:
    time.sleep(60)
"""


def test_a_step_that_does_not_exist_is_answered_with_those_that_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main({"STEP": "refund_everything"}, tmp_path) == 1

    error = capsys.readouterr().err
    assert "STEP=refund_everything is not a step" in error
    assert "create_payment_intent" in error


def test_an_event_that_does_not_exist_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    event = tmp_path / "missing.json"

    assert main({"STEP": "list_products", "EVENT": str(event)}, tmp_path) == 1

    assert f"EVENT={event}: there is no such file" in capsys.readouterr().err


def test_without_a_stack_it_says_how_to_start_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main({"STEP": "list_products"}, tmp_path) == 1

    assert "No stack is running: start one with make dev." in capsys.readouterr().err


def test_whoever_stops_the_command_stops_sam_which_removes_its_container(tmp_path: Path) -> None:
    def stop_once_started() -> None:
        if (tmp_path / "started").exists():
            supervisor.stop_requested.set()

    supervisor = Supervisor(on_wait=stop_once_started)

    with pytest.raises(StopRequestedError):
        _run([sys.executable, "-c", SAM, str(tmp_path)], supervisor, "http://127.0.0.1:4566")

    assert (tmp_path / "stopped").exists()


@pytest.mark.parametrize(
    ("answer", "succeeded"),
    [
        (Answer(payload='{"statusCode": 201}', logs="", raised=False), True),
        (Answer(payload='{"statusCode": 404}', logs="", raised=False), False),
        (Answer(payload='{"errorMessage": "…"}', logs="", raised=True), False),
        (Answer(payload="null", logs="", raised=False), True),
    ],
)
def test_a_function_has_failed_if_it_raised_or_answered_with_an_error(
    answer: Answer, *, succeeded: bool
) -> None:
    assert answer.succeeded is succeeded
