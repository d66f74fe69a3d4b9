"""The environment variables that choose ports and Stripe keys."""

import socket
from collections.abc import Iterator

import pytest

from local import Options, StackError
from local.options import DEFAULT_AWS_PORT, free_port

TEST_KEYS = {"STRIPE_SECRET_KEY": "sk_test_secret", "STRIPE_PUBLISHABLE_KEY": "pk_test_public"}


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_without_keys_there_is_no_stripe_account() -> None:
    assert Options.from_environment({}).stripe_keys is None


def test_test_keys_are_taken_and_the_secret_is_in_no_repr() -> None:
    options = Options.from_environment(TEST_KEYS)

    assert options.stripe_keys is not None
    assert options.stripe_keys.secret == "sk_test_secret"
    assert options.stripe_keys.publishable == "pk_test_public"
    assert "sk_test_secret" not in repr(options)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("STRIPE_SECRET_KEY", "sk_live_secret"),
        ("STRIPE_SECRET_KEY", "rk_live_secret"),
        ("STRIPE_PUBLISHABLE_KEY", "pk_live_public"),
    ],
)
def test_a_live_key_is_refused_by_its_name_and_never_shown(name: str, key: str) -> None:
    with pytest.raises(StackError, match=f"{name} is a live key") as refusal:
        Options.from_environment({**TEST_KEYS, name: key})

    assert key not in str(refusal.value)


def test_a_live_key_is_refused_even_alone_and_with_blanks_around_it() -> None:
    with pytest.raises(StackError, match="STRIPE_SECRET_KEY is a live key"):
        Options.from_environment({"STRIPE_SECRET_KEY": " sk_live_secret "})


@pytest.mark.parametrize("missing", sorted(TEST_KEYS))
def test_one_key_without_the_other_is_refused(missing: str) -> None:
    environment = {name: key for name, key in TEST_KEYS.items() if name != missing}

    with pytest.raises(StackError, match=f"{missing} is not set"):
        Options.from_environment(environment)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("STRIPE_SECRET_KEY", "pk_test_public"),
        ("STRIPE_SECRET_KEY", "whsec_secret"),
        ("STRIPE_PUBLISHABLE_KEY", "sk_test_secret"),
    ],
)
def test_what_is_not_a_test_key_is_refused_and_never_shown(name: str, key: str) -> None:
    with pytest.raises(StackError, match=f"{name} is not a test key") as refusal:
        Options.from_environment({**TEST_KEYS, name: key})

    assert key not in str(refusal.value)


def test_webhooks_of_stripe_itself_are_taken_with_the_secret_that_its_cli_shows() -> None:
    for secret in ("", "whsec_of_stripe_listen"):
        options = Options.from_environment({**TEST_KEYS, "STRIPE_WEBHOOK_SECRET": secret})
        assert options.stripe_keys
        assert options.stripe_keys.signing_secret == secret
        assert "whsec_" not in repr(options)


def test_a_port_that_was_asked_for_is_taken() -> None:
    port = free_port()

    assert Options.from_environment({"TILL_AWS_PORT": str(port)}).aws_port == port
    assert Options.from_environment({"TILL_STRIPE_PORT": str(port)}).stripe_port == port
    assert Options.from_environment({"TILL_WEB_PORT": str(port)}).web_port == port


def test_a_port_that_was_asked_for_and_is_in_use_is_refused(taken_port: int) -> None:
    with pytest.raises(StackError, match=f"Port {taken_port} is in use. Set TILL_AWS_PORT"):
        Options.from_environment({"TILL_AWS_PORT": str(taken_port)})


@pytest.mark.parametrize("value", ["http", "-1", "70000", "4566.5"])
def test_what_is_not_a_port_is_refused(value: str) -> None:
    with pytest.raises(StackError, match="is not a port number"):
        Options.from_environment({"TILL_AWS_PORT": value})


def test_a_familiar_port_that_is_in_use_gives_way_to_any_free_one(
    taken_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.options.DEFAULT_AWS_PORT", taken_port)

    assert Options.from_environment({}).aws_port == 0


def test_a_familiar_port_that_is_free_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setattr("local.options.DEFAULT_AWS_PORT", port)

    assert Options.from_environment({}).aws_port == port
    assert port != DEFAULT_AWS_PORT
