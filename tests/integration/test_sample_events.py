"""The events for `make invoke`: each function succeeds with its event."""

import json
from typing import Any

import pytest

from local.sample_events import EVENTS, event_for, steps
from payments.aws.pool_tokens import PoolKeys
from tests.support.aws import Aws
from tests.support.gateway import invoke, run
from tests.support.routes import BACKGROUND, ROUTES, TRIGGERS

# The person's consent to a charge in absence needs a browser, which no event is.
OVER_HTTP = sorted(set(ROUTES.values()) - {"stripe_webhook", "charge_in_absence"})


def event_of(step: str) -> dict[str, Any]:
    """The event file of a function."""
    event: dict[str, Any] = json.loads((EVENTS / f"{step}.json").read_text())
    return event


@pytest.mark.parametrize("step", OVER_HTTP)
def test_the_event_of_a_function_succeeds(aws: Aws, step: str) -> None:
    aws.put_product("coffee-beans", eur=1099)
    event = event_for(step, lambda earlier, text: run(earlier, json.loads(text)))

    answer = invoke(step, json.loads(event))

    assert answer.status in {200, 201, 202, 204}, answer


def test_the_event_of_a_charge_in_absence_finds_no_card_that_was_saved_for_that() -> None:
    event = event_for("charge_in_absence", lambda earlier, text: run(earlier, json.loads(text)))

    answer = invoke("charge_in_absence", json.loads(event))

    assert (answer.status, answer.code) == (422, "validation_error")
    assert [each["field"] for each in answer.body["errors"]] == ["payment_method_id"]


def test_the_event_of_the_webhook_comes_by_eventbridge_for_want_of_a_lasting_signature() -> None:
    assert run("stripe_webhook", event_of("stripe_webhook")) == {"outcome": "not_ours"}


@pytest.mark.parametrize("step", TRIGGERS)
def test_the_event_of_a_trigger_comes_back(step: str) -> None:
    assert run(step, event_of(step)) == event_of(step)


def test_the_event_of_the_authorizer_has_no_valid_token() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_REGION", "eu-west-1")
        patch.setattr(PoolKeys, "get", lambda *_: None)
        with pytest.raises(Exception, match=r"^Unauthorized$"):
            run("authorize_merchant", event_of("authorize_merchant"))


@pytest.mark.parametrize("step", BACKGROUND)
def test_the_event_of_a_function_behind_the_scenes_succeeds(step: str) -> None:
    run(step, event_of(step))


def test_there_is_an_event_for_each_function() -> None:
    assert sorted(path.stem for path in EVENTS.glob("*.json")) == steps()
