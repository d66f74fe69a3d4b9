"""The secret: read through a cache, and never shown when it is malformed."""

import json
import traceback

import pytest

from payments.aws import stripe_secret
from payments.aws.client import AwsUnavailableError
from payments.aws.stripe_secret import StripeSecret
from payments.domain.errors import ServiceUnavailableError


class _SecretsManager:
    """A secret, and how often it was read."""

    def __init__(self, secret: object) -> None:
        self.secret = secret
        self.asked = 0

    def call(self, operation: str, request: dict[str, object]) -> dict[str, object]:
        """The secret's text."""
        assert (operation, request) == ("GetSecretValue", {"SecretId": "stripe"})
        self.asked += 1
        if isinstance(self.secret, Exception):
            raise self.secret
        return {} if self.secret is None else {"SecretString": self.secret}


def a_secret(monkeypatch: pytest.MonkeyPatch, text: object) -> tuple[StripeSecret, _SecretsManager]:
    """The secret, without AWS."""
    manager = _SecretsManager(text)
    monkeypatch.setattr(stripe_secret, "AwsClient", lambda *_, **__: manager)
    return StripeSecret("stripe"), manager


@pytest.mark.parametrize("key", ["sk_test_1", "sk_live_1", "rk_live_1"])
def test_the_key_is_in_the_secrets_json(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    secret, _ = a_secret(monkeypatch, json.dumps({"secret_key": key}))
    assert secret.secret_key() == key


def test_the_cache_is_passed_over_only_when_asked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given
    secret, manager = a_secret(monkeypatch, '{"secret_key": "sk_test_1"}')
    # When
    secret.secret_key()
    secret.secret_key()
    asked = manager.asked
    secret.secret_key(refresh=True)
    # Then
    assert (asked, manager.asked) == (1, 2)


def test_the_cache_is_passed_over_after_some_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given
    secret, manager = a_secret(monkeypatch, '{"secret_key": "sk_test_1"}')
    secret.secret_key()
    # When
    monkeypatch.setattr(stripe_secret, "_MAX_AGE_SECONDS", -1)
    secret.secret_key()
    # Then
    assert manager.asked == 2


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


def test_a_secret_that_cannot_be_read_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    secret, _ = a_secret(monkeypatch, AwsUnavailableError("TimeoutError"))
    with pytest.raises(ServiceUnavailableError):
        secret.secret_key()


@pytest.mark.parametrize(
    ("members", "secrets"),
    [
        ({}, []),
        ({"webhook_signing_secrets": []}, []),
        ({"webhook_signing_secrets": [""]}, []),
        ({"webhook_signing_secrets": ["whsec_new", "whsec_old"]}, ["whsec_new", "whsec_old"]),
    ],
)
def test_there_are_no_one_or_two_signing_secrets(
    monkeypatch: pytest.MonkeyPatch, members: dict[str, object], secrets: list[str]
) -> None:
    secret, _ = a_secret(monkeypatch, json.dumps(members))
    assert secret.webhook_signing_secrets() == secrets
