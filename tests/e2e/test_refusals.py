"""What the deployed stack refuses, and how it says so."""

import base64
import json
import time

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.e2e.conftest import NewPayment, Person, World
from tests.support.simulator_client import Simulator

ROUTES = [
    ("POST", "/payment-methods"),
    ("GET", "/payment-methods"),
    ("POST", "/payments"),
    ("GET", "/payments"),
    ("GET", "/payments/pay_1"),
    ("POST", "/payments/pay_1/confirm"),
]
DEADLINE_SECONDS = 20


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_private_route_needs_a_token(world: World, method: str, path: str) -> None:
    assert world.client(None).send(method, path).status == 401
    assert world.client("no.such.token").send(method, path).status == 401


def test_an_access_token_is_not_an_id_token(world: World, ada: Person) -> None:
    assert world.client(ada.tokens["AccessToken"]).history().status == 401


def test_a_forged_token_is_refused(world: World, ada: Person) -> None:
    genuine = ada.tokens["IdToken"]
    header, claims, signature = genuine.split(".")
    somebody_else = json.loads(_decoded(claims)) | {"sub": "somebody-else"}
    tampered = f"{header}.{_encoded(somebody_else)}.{signature}"
    unsigned = f"{_encoded({'alg': 'none', 'typ': 'JWT'})}.{claims}."
    own_key = jwt.encode(
        json.loads(_decoded(header)), json.loads(_decoded(claims)), RSAKey.generate_key(2048)
    )

    assert ada.api.history().status == 200
    for forged in (tampered, unsigned, own_key):
        assert world.client(forged).history().status == 401


def test_an_expired_token_is_refused(world: World, ada: Person) -> None:
    client = world.cognito.create_user_pool_client(
        UserPoolId=world.stack.user_pool_id,
        ClientName="short-lived",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        IdTokenValidity=1,
        TokenValidityUnits={"IdToken": "seconds"},
    )["UserPoolClient"]
    short_lived = world.client(world.log_in(ada.email, client["ClientId"])["IdToken"])

    deadline = time.monotonic() + DEADLINE_SECONDS
    while (answer := short_lived.history()).status == 200 and time.monotonic() < deadline:
        pass

    assert answer.status == 401


def test_somebody_elses_payment_is_not_found(
    bob: Person, stripe: Simulator, new_payment: NewPayment
) -> None:
    payment_id, _ = new_payment()

    for answer in (
        bob.api.payment(payment_id),
        bob.api.confirm(payment_id, cvc_token=stripe.cvc_token()),
    ):
        assert (answer.status, answer.code) == (404, "payment_not_found")


def test_somebody_elses_card_is_not_found(ada: Person, bob: Person, stripe: Simulator) -> None:
    card = ada.api.attached(stripe.payment_method("4242424242424242"))
    bob.api.attached(stripe.payment_method("4242424242424242"))

    for answer in (
        bob.api.attach(card),
        bob.api.create(product_id="coffee-beans", payment_method_id=card),
    ):
        assert (answer.status, answer.code) == (404, "payment_method_not_found")


def test_a_key_works_for_one_request_only(ada: Person, stripe: Simulator) -> None:
    card = ada.api.attached(stripe.payment_method("4242424242424242"))
    order = {"product_id": "coffee-beans", "payment_method_id": card}
    first = ada.api.create(key="e2e-one-request-only", **order)
    again = ada.api.create(key="e2e-one-request-only", **order)

    other = ada.api.create(key="e2e-one-request-only", quantity=2, **order)

    assert (first.status, again.status, again.body) == (201, 201, first.body)
    assert (other.status, other.code) == (409, "idempotency_key_reused")


@pytest.mark.parametrize("body", ["{", "[]", '"text"', "{'a': 1}", '{"payment_method_id": NaN}'])
def test_malformed_json_is_refused(ada: Person, body: str) -> None:
    answer = ada.api.send("POST", "/payment-methods", body=body)

    assert (answer.status, answer.code) == (400, "malformed_json")


def test_an_unknown_field_is_named(ada: Person) -> None:
    answer = ada.api.create(product_id="coffee-beans", payment_method_id="pm_card_visa", amount=1)

    assert (answer.status, answer.code) == (422, "validation_error")
    assert [error["field"] for error in answer.body["errors"]] == ["amount"]


@pytest.mark.parametrize("size", [20_000, 2_000_000])
def test_an_oversized_body_is_refused(ada: Person, size: int) -> None:
    answer = ada.api.attach("pm_" + "x" * size)

    assert (answer.status, answer.code) == (413, "body_too_large")


def test_a_missing_key_is_refused(ada: Person) -> None:
    answer = ada.api.send(
        "POST",
        "/payments",
        body={"items": [{"product_id": "coffee-beans"}], "payment_method_id": "pm_1"},
    )

    assert (answer.status, answer.code) == (400, "idempotency_key_missing")


def test_an_email_address_registers_once(world: World, ada: Person) -> None:
    answer = world.client(None).signup(
        email=ada.email.upper(), password="Another-Horse-2-Battery", name="Ada"
    )

    assert (answer.status, answer.code) == (409, "user_exists")


def test_a_weak_password_is_refused(world: World) -> None:
    answer = world.client(None).signup(email="weak@example.com", password="weak", name="Weak")

    assert (answer.status, answer.code) == (422, "password_rejected")


def test_a_wrong_confirmation_code_lets_nobody_in(world: World) -> None:
    _, email = world.sign_up()

    with pytest.raises(world.cognito.exceptions.CodeMismatchException):
        world.cognito.confirm_sign_up(
            ClientId=world.stack.user_pool_client_id, Username=email, ConfirmationCode="000000"
        )
    with pytest.raises(world.cognito.exceptions.UserNotConfirmedException):
        world.log_in(email)


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _encoded(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
