"""Deliveries that are forged, damaged, late, too large or odd.

The signed event in them is real news, so anything that gets through shows in the payment's row.
"""

import base64
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from stripe import WebhookSignature

from payments import wiring
from tests.bad_input.conftest import Shop
from tests.integration.conftest import SECRET_KEY, SIGNING_SECRETS
from tests.support.api_client import Answer
from tests.support.gateway import Gateway, invoke

NEW, OLD = SIGNING_SECRETS
FIVE_MINUTES = 300


def signed(payload: str, secret: str = NEW, *, at: int | None = None) -> str:
    """Stripe's signature of a payload, made now unless `at` says otherwise."""
    header: str = WebhookSignature.generate_signature_header(payload, secret, at)
    return header


def deliver(payload: str, signature: str | None) -> Answer:
    """Post a payload unchanged."""
    headers = {} if signature is None else {"Stripe-Signature": signature}
    return Gateway(None)("POST", "/stripe/webhook", body=payload, headers=headers)


def face(answer: Answer) -> tuple[int, str]:
    """The status and code of a refusal."""
    return answer.status, answer.code


@pytest.fixture
def news(shop: Shop) -> Iterator[str]:
    """The event that Ada's payment was cancelled. Her row does not know before, nor after."""
    before = shop.row
    intent_id = shop.payment["payment_intent_id"]
    stripe = shop.stack.stripe
    if not stripe.listed(SECRET_KEY, "/v1/events", type="payment_intent.canceled"):
        stripe.post(SECRET_KEY, f"/v1/payment_intents/{intent_id}/cancel")
    (event,) = stripe.listed(SECRET_KEY, "/v1/events", type="payment_intent.canceled")
    shop.touched.forget()
    yield json.dumps(event, indent=2)
    shop.stack.aws.put_payment(before)
    shop.touched.forget()


def flipped(text: str) -> str:
    """The text with one character in its middle changed."""
    middle = len(text) // 2
    return text[:middle] + ("x" if text[middle] != "x" else "y") + text[middle + 1 :]


Forge = Callable[[str], tuple[str, str | None]]

FORGERIES: dict[str, Forge] = {
    "not signed": lambda payload: (payload, None),
    "empty signature": lambda payload: (payload, ""),
    "signed with a secret that is not ours": lambda payload: (payload, signed(payload, "whsec_x")),
    "signed with no secret": lambda payload: (payload, signed(payload, "")),
    "another payload's signature": lambda payload: (payload, signed("{}")),
    "a signature made up": lambda payload: (payload, f"t={int(time.time())},v1={'0' * 64}"),
    "cut off": lambda payload: (payload[:-20], signed(payload)),
    "nothing left of it": lambda payload: ("", signed(payload)),
    "one byte more": lambda payload: (payload + " ", signed(payload)),
    "one byte other": lambda payload: (flipped(payload), signed(payload)),
    "the same JSON, in other bytes": lambda payload: (
        json.dumps(json.loads(payload)),
        signed(payload),
    ),
    "signed over five minutes ago": lambda payload: (
        payload,
        signed(payload, at=int(time.time()) - FIVE_MINUTES - 5),
    ),
    "made younger": lambda payload: (
        payload,
        f"t={int(time.time())},"
        + signed(payload, at=int(time.time()) - FIVE_MINUTES - 5).partition(",")[2],
    ),
    "no time": lambda payload: (payload, signed(payload).partition(",")[2]),
    "no signature but a time": lambda payload: (payload, signed(payload).partition(",")[0]),
    "a scheme of tests": lambda payload: (payload, signed(payload).replace("v1=", "v0=")),
    "a time that is no number": lambda payload: (
        payload,
        "t=now," + signed(payload).partition(",")[2],
    ),
    "a time beyond all numbers": lambda payload: (
        payload,
        f"t={'9' * 5000}," + signed(payload).partition(",")[2],
    ),
    "digits of another script": lambda payload: (
        payload,
        signed(payload).replace("t=", "t=\u0661"),
    ),
    "accents": lambda payload: (payload, f"t={int(time.time())},v1=é"),
    "a lone surrogate": lambda payload: (payload, "t=1,v1=\ud800"),
    "zero bytes": lambda payload: (payload, "t=1\0,v1=\0"),
    "garbage": lambda payload: (payload, "=,=,,t,v1,=t=,v1=="),
    "a thousand wrong signatures": lambda payload: (
        payload,
        f"t={int(time.time())}," + ",".join(f"v1={number:064x}" for number in range(1000)),
    ),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
def test_what_is_not_provably_stripes_is_refused_and_changes_nothing(
    shop: Shop, news: str, forge: Forge
) -> None:
    answer = deliver(*forge(news))

    assert face(answer) == (400, "invalid_signature")
    assert shop.touched.so_far() == []


@pytest.mark.parametrize("secret", [NEW, OLD])
def test_during_a_rotation_either_secret_is_accepted(shop: Shop, news: str, secret: str) -> None:
    answer = deliver(news, signed(news, secret))

    assert (answer.status, answer.body) == (200, {"outcome": "recorded"})
    assert shop.row["status"] == "canceled"


def test_one_right_signature_among_wrong_ones_is_enough(shop: Shop, news: str) -> None:
    """During a rotation Stripe signs with both secrets."""
    time_part, _, signature = signed(news).partition(",")
    wrong = [f"v1={number:064x}" for number in range(50)]

    answer = deliver(news, ",".join([time_part, *wrong, "v0=abc", signature, *wrong]))

    assert answer.status == 200
    assert shop.row["status"] == "canceled"


def test_a_delivery_recorded_and_sent_again_is_harmless(shop: Shop, news: str) -> None:
    signature = signed(news)
    deliver(news, signature)
    row = shop.row
    shop.touched.forget()

    answer = deliver(news, signature)

    assert (answer.status, answer.body) == (200, {"outcome": "known"})
    assert shop.row == row
    assert shop.touched.so_far() == []


def test_base64_is_undone_before_the_signature_is_checked(shop: Shop, news: str) -> None:
    answer = invoke("stripe_webhook", encoded(base64.b64encode(news.encode()).decode(), news))

    assert answer.status == 200
    assert shop.row["status"] == "canceled"


def encoded(body: str, payload: str) -> dict[str, Any]:
    """An event with a base64 body, and the signature of a payload."""
    headers = {"Content-Type": "application/json", "Stripe-Signature": signed(payload)}
    return {
        "resource": "/stripe/webhook",
        "path": "/stripe/webhook",
        "httpMethod": "POST",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {"requestId": "r", "resourcePath": "/stripe/webhook"},
        "body": body,
        "isBase64Encoded": True,
    }


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ("not base64!", (400, "malformed_json")),
        ("YWJ", (400, "malformed_json")),
        (base64.b64encode(b"\xff\xfe{}").decode(), (400, "invalid_signature")),
        (base64.b64encode(b'{"id": "\xff"}').decode(), (400, "invalid_signature")),
    ],
)
def test_bytes_that_are_not_text_are_refused(
    shop: Shop, news: str, body: str, refusal: tuple[int, str]
) -> None:
    answer = invoke("stripe_webhook", encoded(body, news))

    assert face(answer) == refusal
    assert shop.touched.so_far() == []


def test_a_lone_surrogate_is_not_text(shop: Shop) -> None:
    assert face(deliver('{"id": "\ud800"}', signed("{}"))) == (400, "malformed_json")
    assert shop.touched.so_far() == []


@pytest.mark.parametrize("size", [1_000_000, 6_000_000])
def test_an_enormous_delivery_is_refused_unread(shop: Shop, news: str, size: int) -> None:
    payload = news + " " * size

    answer = deliver(payload, signed(payload))

    assert face(answer) == (413, "body_too_large")
    assert shop.touched.so_far() == []


@pytest.fixture
def secret(shop: Shop) -> Iterator[Callable[[object], None]]:
    """Changes the signing secrets, and restores them afterwards."""
    manager = boto3.client("secretsmanager")

    def put(signing_secrets: object) -> None:
        members = {"webhook_signing_secrets": signing_secrets}
        manager.put_secret_value(SecretId="StripeWebhookSecret", SecretString=json.dumps(members))
        wiring.stripe_gateway().close()
        wiring.stripe_gateway.cache_clear()
        shop.touched.forget()

    yield put
    put(SIGNING_SECRETS)


@pytest.mark.parametrize("configured", [None, [], [""], [None], {}, [" "]])
def test_without_a_secret_everything_is_refused(
    shop: Shop, news: str, secret: Callable[[object], None], configured: object
) -> None:
    secret(configured)

    for signature in (signed(news), signed(news, ""), signed(news, "None"), None):
        assert face(deliver(news, signature)) == (400, "invalid_signature")
    assert shop.touched.so_far() == []
