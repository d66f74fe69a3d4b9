"""The events for `make invoke`: each function succeeds with its event."""

import json
from typing import Any

import pytest

from local.sample_events import EARLIER_STEPS, EVENTS, steps
from tests.support.aws import Aws
from tests.support.gateway import invoke, run
from tests.support.routes import BACKGROUND, ROUTES, TRIGGERS

REMOVAL = "detach_payment_method"
OVER_HTTP = sorted(set(ROUTES.values()) - {"stripe_webhook", REMOVAL})


def event_of(step: str) -> dict[str, Any]:
    """The event file of a function."""
    event: dict[str, Any] = json.loads((EVENTS / f"{step}.json").read_text())
    return event


def test_the_event_that_removes_a_card_finds_none_for_such_a_card_is_gone_for_good() -> None:
    assert invoke(REMOVAL, event_of(REMOVAL)).code == "payment_method_not_found"


@pytest.mark.parametrize("step", OVER_HTTP)
def test_the_event_of_a_function_succeeds(aws: Aws, step: str) -> None:
    aws.put_product("coffee-beans", eur=1099)
    for earlier in EARLIER_STEPS.get(step, []):
        invoke(earlier, event_of(earlier))

    answer = invoke(step, event_of(step))

    assert answer.status in {200, 201}, answer


def test_the_event_of_the_webhook_comes_by_eventbridge_for_want_of_a_lasting_signature() -> None:
    assert run("stripe_webhook", event_of("stripe_webhook")) == {"outcome": "not_ours"}


@pytest.mark.parametrize("step", TRIGGERS)
def test_the_event_of_a_trigger_comes_back(step: str) -> None:
    assert run(step, event_of(step)) == event_of(step)


@pytest.mark.parametrize("step", BACKGROUND)
def test_the_event_of_a_function_behind_the_scenes_succeeds(step: str) -> None:
    run(step, event_of(step))


def test_there_is_an_event_for_each_function() -> None:
    assert sorted(path.stem for path in EVENTS.glob("*.json")) == steps()
