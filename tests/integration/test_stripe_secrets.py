"""The two secrets of a stack while they change, and a key of the other mode."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from payments import wiring
from payments.settings import settings
from tests.integration.conftest import SECRET_KEY, SIGNING_SECRETS, forget_clients
from tests.support.api_client import Answer, ApiClient
from tests.support.aws import Aws
from tests.support.gateway import Gateway, client_for, run
from tests.support.simulator_client import Simulator
from tests.support.webhooks import deliver, events

VISA = "4242424242424242"

Rotate = Callable[[str, dict[str, Any]], None]


@pytest.fixture
def rotate(aws: Aws) -> Iterator[Rotate]:
    """Changes a secret, which running functions do not notice; it is restored afterwards."""
    assert aws
    manager = boto3.client("secretsmanager")

    def put(name: str, members: dict[str, Any]) -> None:
        manager.put_secret_value(SecretId=name, SecretString=json.dumps(members))

    forget_clients()
    yield put
    put("StripeKeySecret", {"secret_key": SECRET_KEY})
    put("StripeWebhookSecret", {"webhook_signing_secrets": SIGNING_SECRETS})
    forget_clients()


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each reading of a secret by the functions."""
    made: list[str] = []
    session = boto3.Session()
    session.events.register(
        "before-call.secrets-manager.GetSecretValue",
        lambda params, **_: made.append(json.loads(params["body"])["SecretId"]),
    )
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    return made


@pytest.fixture
def of_live_mode(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The functions' StripeMode is live, and their key is a test key."""
    monkeypatch.setenv("STRIPE_MODE", "live")
    settings.cache_clear()
    forget_clients()
    yield
    monkeypatch.undo()
    settings.cache_clear()
    forget_clients()


@pytest.fixture
def news(ada: ApiClient, stripe: Simulator) -> dict[str, Any]:
    """An event that says something new about a payment."""
    card = ada.attached(stripe.payment_method(VISA))
    payment = ada.create(product_id="coffee", payment_method_id=card).body
    stripe.post(SECRET_KEY, f"/v1/payment_intents/{payment['payment_intent_id']}/cancel")
    return events(stripe, "payment_intent.canceled")[0]


def test_a_signature_by_a_new_secret_is_accepted_at_once(
    rotate: Rotate, news: dict[str, Any]
) -> None:
    # Given a function that knows the old secrets
    assert deliver(news, secret=SIGNING_SECRETS[0]).status == 200
    # When
    rotate("StripeWebhookSecret", {"webhook_signing_secrets": ["whsec_newest"]})
    # Then
    assert deliver(news, secret="whsec_newest").status == 200
    refused = deliver(news, secret=SIGNING_SECRETS[0])
    assert (refused.status, refused.code) == (400, "invalid_signature")


@pytest.mark.usefixtures("rotate")
def test_many_wrong_signatures_read_the_secret_once(news: dict[str, Any], reads: list[str]) -> None:
    # Given
    forget_clients()
    assert deliver(news).status == 200
    reads.clear()
    # When
    answers = [deliver(news, secret="whsec_forged") for _ in range(20)]
    # Then
    assert {(answer.status, answer.code) for answer in answers} == {(400, "invalid_signature")}
    assert len(reads) == 1
    assert deliver(news).status == 200


def test_a_new_key_is_used_as_soon_as_stripe_refuses_the_old_one(
    rotate: Rotate, ada: ApiClient, stripe: Simulator
) -> None:
    # Given a function that has read a key
    ada.attached(stripe.payment_method(VISA))
    rotate("StripeKeySecret", {"secret_key": "sk_test_revoked"})
    forget_clients()
    assert wiring.stripe_gateway().livemode is False
    # When that key is no longer valid
    rotate("StripeKeySecret", {"secret_key": SECRET_KEY})
    # Then
    assert ada.cards().status == 200


# A key of the other mode


def steps(ada: ApiClient, card: str, payment_id: str, stripe: Simulator) -> list[Answer]:
    """Everything that a person does with Stripe behind it."""
    return [
        ada.attach(card),
        ada.cards(),
        ada.create(product_id="coffee", payment_method_id=card),
        ada.confirm(payment_id, cvc_token=stripe.cvc_token()),
        ada.payment(payment_id),
    ]


def test_with_a_key_of_the_other_mode_paying_does_not_work_and_stripe_hears_nothing(
    aws: Aws, stripe: Simulator, request: pytest.FixtureRequest
) -> None:
    # Given
    ada = client_for()
    card = ada.attached(stripe.payment_method(VISA))
    payment = ada.create(product_id="coffee", payment_method_id=card).body
    before = aws.rows("PaymentsTable"), aws.rows("CustomersTable")
    request.getfixturevalue("of_live_mode")
    stripe.forget_calls()
    # When
    answers = steps(ada, card, payment["payment_id"], stripe)
    # Then
    for answer in answers:
        assert (answer.status, answer.code) == (502, "stripe_unavailable")
        assert "retryable" not in answer.body
        assert "Retry-After" not in answer.headers
        assert answer.body["detail"] == "Payments are not working right now. Try again later."
    assert [call for call in stripe.calls() if call["path"] != "/v1/tokens"] == []
    assert (aws.rows("PaymentsTable"), aws.rows("CustomersTable")) == before


def test_with_a_key_of_the_other_mode_nothing_is_settled(
    aws: Aws, stripe: Simulator, news: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    # Given
    before = aws.rows("PaymentsTable")
    request.getfixturevalue("of_live_mode")
    stripe.forget_calls()
    # When
    counts = run("reconcile_payments", {"older_than_minutes": -1})
    delivered = deliver(news)
    # Then
    assert counts["key_refused"] == 1
    assert counts.get("checked", 0) == 0
    assert (delivered.status, delivered.code) == (503, "service_unavailable")
    assert stripe.calls() == []
    assert aws.rows("PaymentsTable") == before


@pytest.mark.usefixtures("of_live_mode")
def test_with_a_key_of_the_other_mode_people_can_sign_up_and_look(
    aws: Aws, stripe: Simulator
) -> None:
    anybody = ApiClient(Gateway(None))
    signed_up = anybody.signup(
        email="mode@example.com", password="Correct-Horse-1-Battery", name="Ada"
    )
    assert signed_up.status == 201
    assert client_for().history().status == 200
    assert anybody.products().status == 200
    assert [row for row in aws.rows("CustomersTable") if "stripe_customer_id" in row] == []
    assert stripe.calls() == []
