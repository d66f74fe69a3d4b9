"""`make invoke`: one function on its own, against the running stack."""

import json
from typing import Any

import pytest

from local.invoke import main
from local.paths import LOCAL
from local.processes import StackError
from local.sam_local import find_engine
from local.sample_events import steps
from tests.e2e.conftest import World
from tests.support.routes import AUTHORIZERS

STACK_DIRECTORY = LOCAL / "e2e"

IN_ABSENCE = "charge_in_absence"  # the person's consent needs a browser, which no event is

type Capture = pytest.CaptureFixture[str]


def answer_of(output: str) -> Any:
    """The function's answer: the one line on standard output."""
    [line] = output.splitlines()
    return json.loads(line)


@pytest.fixture
def no_docker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")


@pytest.mark.usefixtures("world", "no_docker")
@pytest.mark.parametrize("step", sorted({*steps()} - {*AUTHORIZERS, IN_ABSENCE}))
def test_without_docker_the_emulator_runs_each_function_with_its_event(
    step: str, capfd: Capture
) -> None:
    assert main({"STEP": step}, STACK_DIRECTORY) == 0

    output, notes = capfd.readouterr()
    answer = answer_of(output)
    assert "The emulator runs the function instead" in notes
    status = answer.get("statusCode", 200) if isinstance(answer, dict) else 200
    assert status < 400, answer
    assert not isinstance(answer, dict) or "errorMessage" not in answer, answer


@pytest.mark.usefixtures("world", "no_docker")
def test_the_event_of_a_charge_in_absence_finds_no_card_that_was_saved_for_that(
    capfd: Capture,
) -> None:
    assert main({"STEP": IN_ABSENCE}, STACK_DIRECTORY) == 0

    answer = answer_of(capfd.readouterr().out)
    assert answer["statusCode"] == 422
    assert "payment_method_id" in answer["body"]


@pytest.mark.usefixtures("world", "no_docker")
@pytest.mark.parametrize("step", AUTHORIZERS)
def test_an_authorizer_refuses_the_token_of_its_event(step: str, capfd: Capture) -> None:
    assert main({"STEP": step}, STACK_DIRECTORY) == 0
    assert answer_of(capfd.readouterr().out)["errorMessage"] == "Unauthorized"


@pytest.mark.usefixtures("no_docker")
def test_an_event_of_ones_own_comes_as_it_is(
    world: World, capfd: Capture, tmp_path_factory: pytest.TempPathFactory
) -> None:
    event = tmp_path_factory.mktemp("events") / "mine.json"
    event.write_text(json.dumps({"older_than_minutes": 100_000}))

    main({"STEP": "reconcile_payments", "EVENT": str(event)}, STACK_DIRECTORY)

    expected = world.invoke(world.stack.reconcile_function, {"older_than_minutes": 100_000})
    assert answer_of(capfd.readouterr().out).keys() == expected.keys()


def test_a_payment_is_made_in_a_container_or_where_there_is_none_on_the_emulator(
    world: World, capfd: Capture
) -> None:
    try:
        find_engine()
        expected = "local invoke CreatePaymentIntentFunction"
    except StackError as reason:
        expected = f"No container: {reason}"
    capfd.readouterr()

    assert main({"STEP": "create_payment_intent"}, STACK_DIRECTORY) == 0

    output, notes = capfd.readouterr()
    answer = answer_of(output)
    assert answer["statusCode"] == 201, answer
    payment = json.loads(answer["body"])
    assert world.row(payment["payment_id"])["payment_intent_id"] == payment["payment_intent_id"]
    assert expected in notes
