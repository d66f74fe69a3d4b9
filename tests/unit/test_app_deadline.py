"""A request ends before API Gateway and Lambda stop waiting for it."""

from dataclasses import dataclass

import pytest
from pydantic import BaseModel

from payments import deadline
from payments.api import app as http
from payments.api.app import App
from tests.unit.api_gateway import an_event
from tests.unit.orders_app import orders_settings


@dataclass(frozen=True)
class Context:
    """The part of Lambda's context that an app uses."""

    milliseconds_left: int

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds_left


class Nothing(BaseModel):
    """An empty answer."""


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "settings", orders_settings)


def seconds_given(context: object) -> float:
    """How many seconds, up to an hour, an endpoint has."""
    app, seen = App("GET", "/orders"), []

    @app.endpoint
    def get_orders() -> Nothing:
        seen.append(deadline.remaining(3600))
        return Nothing()

    assert app.resolve(an_event("GET"), context)["statusCode"] == 200
    [seconds] = seen
    return seconds


def test_an_endpoint_has_what_lambda_says_is_left_less_a_margin() -> None:
    assert seconds_given(Context(10_000)) == pytest.approx(9, abs=0.5)


def test_an_endpoint_leaves_time_for_a_start_before_api_gateway_stops_waiting() -> None:
    assert seconds_given(Context(300_000)) == pytest.approx(24, abs=0.5)


def test_an_endpoint_that_starts_too_late_has_no_time() -> None:
    assert seconds_given(Context(500)) == 0


@pytest.mark.parametrize("context", [None, object()])
def test_where_nobody_waits_there_is_no_deadline(context: object) -> None:
    assert seconds_given(context) == 3600


def test_a_deadline_ends_with_its_request() -> None:
    seconds_given(Context(10_000))
    assert deadline.remaining(3600) == 3600
