"""What is created before the first request, and where."""

from functools import cache

import pytest

from payments import deadline, wiring


class _Client:
    def __init__(self) -> None:
        self.opened = 0
        self.seconds_given = 0.0

    def open(self) -> None:
        self.opened += 1
        self.seconds_given = deadline.remaining(3600)


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> dict[str, _Client]:
    """The clients created so far, by the name of their factory."""
    made: dict[str, _Client] = {}
    for name in ("_dynamodb", "stripe_gateway", "user_pool"):

        @cache
        def make(name: str = name) -> _Client:
            made[name] = _Client()
            return made[name]

        monkeypatch.setattr(wiring, name, make)
    return made


def test_on_lambda_a_step_has_what_it_needs_and_is_connected(
    clients: dict[str, _Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAMBDA_TASK_ROOT", "/var/task")
    wiring.prepare(wiring.stripe_gateway, wiring._dynamodb)
    assert {name: client.opened for name, client in clients.items()} == {
        "stripe_gateway": 1,
        "_dynamodb": 1,
    }
    assert all(client.seconds_given <= 1 for client in clients.values())


def test_elsewhere_nothing_is_made_before_it_is_needed(
    clients: dict[str, _Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LAMBDA_TASK_ROOT", raising=False)
    wiring.prepare(wiring.stripe_gateway, wiring._dynamodb)
    assert clients == {}
