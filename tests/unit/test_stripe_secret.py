"""The secrets: read through a cache that serves while its source is down, and never shown."""

import json
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from payments import deadline
from payments.aws import stripe_secret
from payments.aws.client import AwsError, AwsUnavailableError
from payments.aws.stripe_secret import StripeSecret
from payments.domain.errors import ServiceUnavailableError

MINUTES = 60


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += seconds


class SecretsManager:
    """Two secrets, and how often each was read."""

    def __init__(self, key: object, webhook: object = '{"webhook_signing_secrets": []}') -> None:
        self.secrets = {"key": key, "webhook": webhook}
        self.reads: list[str] = []
        self.seconds_given: list[float] = []

    def call(self, operation: str, request: dict[str, str]) -> dict[str, object]:
        """The secret's text."""
        assert operation == "GetSecretValue"
        (secret_id,) = request.values()
        self.reads.append(secret_id)
        self.seconds_given.append(deadline.remaining(3600))
        secret = self.secrets[secret_id]
        if isinstance(secret, Exception):
            raise secret
        return {} if secret is None else {"SecretString": secret}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in (stripe_secret, deadline):
        monkeypatch.setattr(module, "time", clock)
    return clock


def a_secret(
    monkeypatch: pytest.MonkeyPatch, *texts: object
) -> tuple[StripeSecret, SecretsManager]:
    """The secrets, without AWS."""
    manager = SecretsManager(*texts)
    monkeypatch.setattr(stripe_secret, "AwsClient", lambda *_, **__: manager)
    return StripeSecret("key", "webhook"), manager


def holding(key: str) -> str:
    return json.dumps({"secret_key": key})


def signing(*secrets: str) -> str:
    return json.dumps({"webhook_signing_secrets": secrets})


@pytest.mark.parametrize("key", ["sk_test_1", "sk_live_1", "rk_live_1"])
def test_the_key_is_in_the_secrets_json(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    secret, _ = a_secret(monkeypatch, holding(key))
    assert secret.secret_key() == key


# The cache


def test_a_secret_is_read_once_in_five_minutes(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    secret, manager = a_secret(monkeypatch, holding("sk_test_1"))
    secret.secret_key()
    clock.passes(299)
    secret.secret_key()
    assert manager.reads == ["key"]
    clock.passes(1)
    secret.secret_key()
    assert manager.reads == ["key", "key"]


@pytest.mark.parametrize(
    "trouble",
    [
        AwsUnavailableError("it took too long"),
        AwsError("AccessDeniedException", "", {}),
        "not json",
        '{"secret_key": null}',
    ],
    ids=["no answer", "refused", "not JSON", "without a key"],
)
def test_while_the_secret_cannot_be_read_the_key_in_memory_serves(
    monkeypatch: pytest.MonkeyPatch, clock: Clock, trouble: object
) -> None:
    # Given
    secret, manager = a_secret(monkeypatch, holding("sk_test_1"))
    secret.secret_key()
    # When
    manager.secrets["key"] = trouble
    clock.passes(60 * MINUTES)
    # Then
    assert secret.secret_key() == "sk_test_1"
    # And once it can be read again
    manager.secrets["key"] = holding("sk_test_2")
    clock.passes(30)
    assert secret.secret_key() == "sk_test_2"


def test_an_outage_costs_a_second_twice_a_minute_and_one_log_line(
    monkeypatch: pytest.MonkeyPatch, clock: Clock, log: Callable[[], list[dict[str, Any]]]
) -> None:
    # Given
    secret, manager = a_secret(monkeypatch, holding("sk_test_1"))
    secret.secret_key()
    manager.secrets["key"] = AwsUnavailableError("it took too long")
    # When
    clock.passes(5 * MINUTES)
    for _ in range(60):
        secret.secret_key()
        clock.passes(1)
    # Then
    assert manager.seconds_given == [3600, 1, 1]
    (line,) = log()
    assert (line["level"], line["message"]) == ("WARNING", "secret served from memory")
    assert line["secret_id"] == "key"


def test_a_second_outage_is_logged_as_well(
    monkeypatch: pytest.MonkeyPatch, clock: Clock, log: Callable[[], list[dict[str, Any]]]
) -> None:
    secret, manager = a_secret(monkeypatch, holding("sk_test_1"))
    secret.secret_key()
    for _ in range(2):
        for state in (AwsUnavailableError("it took too long"), holding("sk_test_1")):
            manager.secrets["key"] = state
            clock.passes(5 * MINUTES)
            secret.secret_key()
    assert len(log()) == 2


# What no longer fits


def test_a_key_that_does_not_fit_is_read_again_at_once(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    secret, manager = a_secret(monkeypatch, holding("sk_test_old"))
    secret.secret_key()
    manager.secrets["key"] = holding("sk_test_new")
    clock.passes(1)
    assert secret.secret_key() == "sk_test_old"
    assert secret.secret_key(refresh=True) == "sk_test_new"
    assert secret.secret_key() == "sk_test_new"


def test_a_flood_of_wrong_signatures_does_not_read_the_secret_as_often(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    # Given
    secret, manager = a_secret(monkeypatch, holding("sk_test_1"), signing("whsec_1"))
    secret.webhook_signing_secrets()
    # When
    for _ in range(80):
        secret.webhook_signing_secrets(refresh=True)
        clock.passes(0.25)
    # Then, after twenty seconds
    assert manager.reads == ["webhook"] * 3
    # And the new secret is found all the same
    manager.secrets["webhook"] = signing("whsec_2")
    assert secret.webhook_signing_secrets(refresh=True) == ["whsec_2"]


def test_what_does_not_fit_stays_if_there_is_nothing_else(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    secret, manager = a_secret(monkeypatch, holding("sk_test_1"))
    secret.secret_key()
    manager.secrets["key"] = AwsUnavailableError("it took too long")
    assert secret.secret_key(refresh=True) == "sk_test_1"
    assert manager.seconds_given == [3600, 1]
    assert clock.now == 1000


# What cannot be used


@pytest.mark.parametrize(
    "text",
    [
        "",
        "do_not_tell",
        '"do_not_tell"',
        '{"secret_key": null, "other": "do_not_tell"}',
        '{"secret_key": "pk_live_do_not_tell"}',
        '{"key": "sk_live_do_not_tell"}',
        '["sk_live_do_not_tell"]',
        None,
    ],
)
def test_a_secret_without_a_key_is_unavailable_and_untold(
    monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    # Given
    secret, _ = a_secret(monkeypatch, text)
    # When
    with pytest.raises(ServiceUnavailableError) as error:
        secret.secret_key()
    # Then
    assert "do_not_tell" not in "".join(traceback.format_exception(error.value))


def test_a_secret_that_was_never_read_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    secret, manager = a_secret(monkeypatch, AwsUnavailableError("TimeoutError"))
    for _ in range(2):
        with pytest.raises(ServiceUnavailableError):
            secret.secret_key()
    assert manager.seconds_given == [3600, 3600]


# Two secrets


@pytest.mark.parametrize(
    ("members", "secrets"),
    [
        ({}, []),
        ({"webhook_signing_secrets": []}, []),
        ({"webhook_signing_secrets": [""]}, []),
        ({"webhook_signing_secrets": "whsec_new"}, []),
        ({"webhook_signing_secrets": ["whsec_new", "whsec_old"]}, ["whsec_new", "whsec_old"]),
    ],
)
def test_there_are_no_one_or_two_signing_secrets(
    monkeypatch: pytest.MonkeyPatch, members: dict[str, object], secrets: list[str]
) -> None:
    secret, manager = a_secret(monkeypatch, None, json.dumps(members))
    assert secret.webhook_signing_secrets() == secrets
    assert manager.reads == ["webhook"]


def test_who_needs_the_key_reads_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    secret, manager = a_secret(monkeypatch, holding("sk_test_1"), signing("whsec_1"))
    secret.secret_key()
    secret.secret_key(refresh=True)
    assert manager.reads == ["key", "key"]


def test_without_a_secret_for_webhooks_nothing_signs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    _, manager = a_secret(monkeypatch, holding("sk_test_1"), signing("whsec_1"))
    assert StripeSecret("key").webhook_signing_secrets(refresh=True) == []
    assert manager.reads == []
