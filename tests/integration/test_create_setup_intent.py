"""Starting to save a card."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from payments import wiring
from payments.aws.stripe_secret import StripeSecret
from payments.domain.consent import WORDING
from payments.stripe_gateway import permissions
from tests.integration.conftest import SECRET_KEY
from tests.support.api_client import ApiClient
from tests.support.aws import Aws
from tests.support.simulator_client import Simulator
from tests.support.webhooks import deliver, events

VISA = "4242424242424242"
RESTRICTED = "rk_test_from_before"


def setup_intents(stripe: Simulator) -> list[dict[str, Any]]:
    """All of them, as Stripe shows them."""
    return stripe.listed(SECRET_KEY, "/v1/setup_intents")


@pytest.fixture
def use_key_from_before(
    stripe: Simulator, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], None]]:
    """Deploy a restricted key that was made before cards were saved by SetupIntent."""

    def use() -> None:
        stripe.set_key(RESTRICTED, denied=["rak_setup_intent_read"])
        monkeypatch.setattr(StripeSecret, "secret_key", lambda _, refresh=False: RESTRICTED)  # noqa: ARG005
        wiring.stripe_gateway.cache_clear()

    monkeypatch.setattr(permissions, "_told_at", {})
    yield use
    wiring.stripe_gateway.cache_clear()


@pytest.mark.parametrize("usage", ["on_session", "off_session"])
def test_a_card_is_set_up_for_what_the_person_agrees_to(
    ada: ApiClient, aws: Aws, stripe: Simulator, usage: str
) -> None:
    started = ada.set_up_card(usage, consent_text="Each month, for my coffee.")

    (intent,) = setup_intents(stripe)
    assert started.status == 201
    assert started.body == {
        "setup_intent_id": intent["id"],
        "client_secret": intent["client_secret"],
        "status": "requires_payment_method",
        "next_action": None,
        "usage": usage,
        "consent_text": "Each month, for my coffee.",
    }
    (row,) = aws.rows("CustomersTable")
    assert (intent["customer"], intent["usage"]) == (row["stripe_customer_id"], usage)
    metadata = intent["metadata"]
    assert datetime.fromisoformat(metadata.pop("consented_at")) <= datetime.now(UTC)
    assert metadata.pop("attempt").startswith("setup:")
    assert metadata == {
        "user_id": row["user_id"],
        "stack": "till",
        "consent_text": "Each month, for my coffee.",
    }


@pytest.mark.parametrize("usage", ["on_session", "off_session"])
def test_a_front_end_without_words_of_its_own_shows_ours(
    ada: ApiClient, stripe: Simulator, usage: str
) -> None:
    started = ada.set_up_card(usage)

    (intent,) = setup_intents(stripe)
    assert started.body["consent_text"] == intent["metadata"]["consent_text"] == WORDING[usage]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "usage"),
        ({"usage": "always"}, "usage"),
        ({"usage": "on_session", "consent_text": " "}, "consent_text"),
        ({"usage": "on_session", "consent_text": "x" * 501}, "consent_text"),
        ({"usage": "on_session", "customer": "cus_of_somebody_else"}, "customer"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_started(
    ada: ApiClient, stripe: Simulator, body: dict[str, str], field: str
) -> None:
    answer = ada.send("POST", "/setup-intents", body=body)

    assert (answer.status, answer.code) == (422, "validation_error")
    assert [error["field"] for error in answer.body["errors"]] == [field]
    assert stripe.calls() == []


def test_it_costs_one_call_to_stripe(ada: ApiClient, stripe: Simulator) -> None:
    ada.cards()
    stripe.forget_calls()

    ada.set_up_card()

    assert [call["path"] for call in stripe.calls()] == ["/v1/setup_intents"]


@pytest.mark.parametrize("kind", ["http_500", "timeout_before", "timeout_after"])
def test_while_stripe_fails_the_same_request_may_be_sent_again(
    ada: ApiClient, stripe: Simulator, kind: str
) -> None:
    ada.cards()
    stripe.fault("POST", "/v1/setup_intents", kind, times=3)  # the SDK's own tries

    failed, again = ada.set_up_card(), ada.set_up_card()

    assert (failed.status, failed.code) == (503, "stripe_unavailable")
    assert failed.body["retryable"] is True
    assert again.status == 201
    assert again.body["setup_intent_id"] in {intent["id"] for intent in setup_intents(stripe)}


@pytest.mark.parametrize("kind", ["remembered_500", "remembered_500_after"])
def test_a_failure_that_stripe_remembers_is_not_the_next_requests(
    ada: ApiClient, stripe: Simulator, kind: str
) -> None:
    ada.cards()
    stripe.fault("POST", "/v1/setup_intents", kind)

    failed, again = ada.set_up_card(), ada.set_up_card()

    assert (failed.status, failed.body["retryable"], again.status) == (503, True, 201)


def test_a_customer_that_stripe_no_longer_knows_is_replaced(
    ada: ApiClient, aws: Aws, stripe: Simulator
) -> None:
    ada.cards()
    (before,) = aws.rows("CustomersTable")
    stripe.delete(SECRET_KEY, f"/v1/customers/{before['stripe_customer_id']}")

    assert ada.set_up_card().status == 201

    (after,) = aws.rows("CustomersTable")
    (intent,) = setup_intents(stripe)
    assert intent["customer"] == after["stripe_customer_id"] != before["stripe_customer_id"]


def test_a_key_without_the_right_saves_bare_cards_only_and_the_events_come_again(
    ada: ApiClient,
    stripe: Simulator,
    use_key_from_before: Callable[[], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    # Given
    started = ada.set_up_card().body
    stripe.set_up_card(started["client_secret"], stripe.payment_method(VISA))
    event = events(stripe, "setup_intent.succeeded")[0]
    use_key_from_before()
    # When
    answers = [ada.set_up_card(), ada.attach_set_up(started["setup_intent_id"])]
    bare = ada.attach(stripe.payment_method("5555555555554444"))
    delivered = deliver(event)
    # Then
    assert [(each.status, each.code) for each in answers] == [(502, "stripe_unavailable")] * 2
    assert not any(each.body.get("retryable") for each in answers)
    assert (bare.status, delivered.status) == (201, 503)
    missing = [vars(each) for each in caplog.records if each.message == "permission missing"]
    assert {each["permission"] for each in missing} == {
        "rak_setup_intent_write", "rak_setup_intent_read"
    }  # fmt: skip
    # When
    stripe.set_key(RESTRICTED)
    # Then
    assert deliver(event).body == {"outcome": "recorded"}
    assert ada.attach_set_up(started["setup_intent_id"]).status == 200
