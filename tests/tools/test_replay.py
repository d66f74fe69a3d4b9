"""`make replay`: the requests to the function, and how many."""

import io
import json
from collections.abc import Mapping
from typing import Any, cast

import boto3
import pytest

from tools.replay.__main__ import main
from tools.replay.replay import ReplayError, replay, request_of


class Lambda:
    """A function that answers from a list, and keeps the requests."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self._answers = list(answers)
        self.requests: list[Any] = []

    def client(self, name: str, **_: object) -> "Lambda":
        assert name == "lambda"
        return self

    def invoke(self, *, FunctionName: str, Payload: str) -> dict[str, Any]:  # noqa: N803
        assert FunctionName == "replay"
        self.requests.append(json.loads(Payload))
        answer = self._answers.pop(0)
        failed = {"FunctionError": "Unhandled"} if "errorMessage" in answer else {}
        return {"Payload": io.BytesIO(json.dumps(answer).encode()), **failed}

    def close(self) -> None:
        """As a client does."""


def lines_of(function: Lambda, request: dict[str, Any]) -> list[str]:
    """The lines that the person sees."""
    return list(replay(cast("boto3.session.Session", function), "replay", request))


@pytest.mark.parametrize(
    ("environment", "request_"),
    [
        ({"EVENT": "evt_1"}, {"event_id": "evt_1"}),
        ({"PAYMENT": "pay_1", "SINCE": ""}, {"payment_id": "pay_1"}),
        ({"REPUBLISH": "2026-11-20"}, {"republish_since": "2026-11-20T00:00:00.000Z"}),
        ({"QUEUED": "all"}, {"queued": True}),
        (
            {"SINCE": "2026-11-20", "UNTIL": "2026-11-20T01:00:00+01:00"},
            {"since": 1795132800, "until": 1795132800},
        ),
    ],
)
def test_the_environment_says_what(
    environment: Mapping[str, str], request_: dict[str, object]
) -> None:
    assert request_of(environment) == request_


def test_without_an_end_all_until_now_is_replayed() -> None:
    request = request_of({"SINCE": "2026-11-20T00:00:01"})
    assert request["since"] == 1795132801
    assert request["until"] > request["since"]


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"EVENT": "evt_1", "PAYMENT": "pay_1"},
        {"SINCE": "yesterday"},
        {"UNTIL": "2026-11-20"},
        {"QUEUED": "2026-11-20"},
    ],
)
def test_what_cannot_be_understood_is_explained(
    environment: Mapping[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(environment) == 1
    assert "2026-11-20" in capsys.readouterr().err


def test_one_event_has_one_outcome() -> None:
    assert lines_of(Lambda({"outcome": "recorded"}), {"event_id": "evt_1"}) == ["recorded"]


def test_a_long_time_takes_several_requests() -> None:
    window = {"since": 1, "until": 9, "cursor": "evt_5", "failed_at": None}
    function = Lambda(
        {"counts": {"events_read": 5, "events_recorded": 1}, "window": window},
        {"counts": {"events_read": 2, "failed": 1}, "window": None},
    )
    assert lines_of(function, {"since": 1, "until": 9}) == [
        "events read: 5, events recorded: 1",
        "events read: 7, events recorded: 1, failed: 1",
    ]
    assert function.requests[1] == window


def test_a_failure_is_reported() -> None:
    with pytest.raises(ReplayError, match="Stripe does not answer"):
        lines_of(Lambda({"errorMessage": "Stripe does not answer"}), {"event_id": "evt_1"})


def test_an_unknown_stage_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main({"EVENT": "evt_1", "STAGE": "production"}) == 1
    assert "STAGE must be dev or staging or prod" in capsys.readouterr().err
