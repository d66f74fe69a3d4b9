"""The events for `sam local invoke`: each gets a success out of its function."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.aws import Aws
from tests.integration.gateway import invoke

ROOT = Path(__file__).parents[2]
EVENTS = ROOT / "tests" / "events"

# What the README runs before, so that the event finds what it names.
BEFORE = {
    "create_payment_intent": ["attach_payment_method"],
    "confirm_payment_intent": ["attach_payment_method", "create_payment_intent"],
    "get_payment": ["attach_payment_method", "create_payment_intent"],
}
STEPS = sorted(folder.name for folder in (ROOT / "functions").iterdir() if folder.is_dir())


def event_of(step: str) -> dict[str, Any]:
    """The event file of a function."""
    event: dict[str, Any] = json.loads((EVENTS / f"{step}.json").read_text())
    return event


@pytest.mark.parametrize("step", STEPS)
def test_the_event_of_a_function_succeeds(aws: Aws, step: str) -> None:
    aws.put_product("coffee-beans", eur=1099)
    for earlier in BEFORE.get(step, []):
        invoke(earlier, event_of(earlier))

    answer = invoke(step, event_of(step))

    assert answer.status in {200, 201}, answer


def test_there_is_an_event_for_each_function() -> None:
    assert sorted(path.stem for path in EVENTS.glob("*.json")) == STEPS
