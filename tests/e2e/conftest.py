"""The deployed laptop stack, used like its clients use it: over HTTP, with real tokens."""

import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from botocore.config import Config
from stripe import WebhookSignature

from local import Stack, confirmation_code, running_stack
from local.aws import session
from local.paths import LOCAL
from tests.support.api_client import Answer, ApiClient
from tests.support.simulator_client import Simulator

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

PASSWORD = "Correct-Horse-1-Battery"
PATIENCE_SECONDS = 60
FRESH_SECONDS = 10 * 60  # of the 15 minutes that tokens last


def eventually(condition: Callable[[], bool]) -> None:
    """Wait for something that happens by itself, but not forever."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)


class Http:
    """Sends requests to the deployed API as one person, or without a token."""

    def __init__(
        self, api_url: str, http: httpx.Client, id_token: Callable[[], str | None]
    ) -> None:
        self._api_url = api_url
        self._http = http
        self._id_token = id_token

    def __call__(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        if id_token := self._id_token():
            sent["Authorization"] = f"Bearer {id_token}"
        content = body if isinstance(body, str) or body is None else json.dumps(body)
        response = self._http.request(
            method, f"{self._api_url}{path}", content=content, headers=sent, params=query
        )
        return Answer(
            status=response.status_code,
            body=response.json() if response.content else None,
            headers=response.headers,
        )


class Tokens(Mapping[str, str]):
    """A person's tokens, renewed before they end, as the app does it: a run may take longer."""

    def __init__(self, tokens: dict[str, str], renew: Callable[[str], dict[str, str]]) -> None:
        self._tokens = tokens
        self._renew = renew
        self._fresh_until = time.monotonic() + FRESH_SECONDS

    def __getitem__(self, name: str) -> str:
        if time.monotonic() > self._fresh_until:
            self._tokens |= self._renew(self._tokens["RefreshToken"])
            self._fresh_until = time.monotonic() + FRESH_SECONDS
        return self._tokens[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tokens)

    def __len__(self) -> int:
        return len(self._tokens)


@dataclass(frozen=True)
class Person:
    """Someone who signed up, confirmed their email address and logged in."""

    user_id: str
    email: str
    tokens: Mapping[str, str]
    api: ApiClient


class World:
    """The stack, its people, and Stripe."""

    def __init__(self, stack: Stack, http: httpx.Client) -> None:
        self.stack = stack
        self.stripe = Simulator(stack.stripe_api_url)
        self.cognito: CognitoIdentityProviderClient = session(stack.aws_endpoint_url).client(
            "cognito-idp"
        )
        self._http = http

    def client(self, id_token: str | None) -> ApiClient:
        """The API with this token, even if it is not valid."""
        return ApiClient(Http(self.stack.api_url, self._http, lambda: id_token))

    def sign_up(self) -> tuple[str, str]:
        """A new person's id and email address."""
        email = f"{secrets.token_hex(6)}@example.com"
        answer = self.client(None).signup(email=email, password=PASSWORD, name="Ada Lovelace")
        assert answer.status == 201, answer
        return answer.body["user_id"], email

    def log_in(self, email: str, client_id: str | None = None) -> dict[str, Any]:
        """The person's tokens."""
        answer = self.cognito.initiate_auth(
            ClientId=client_id or self.stack.user_pool_client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": PASSWORD},
        )
        return dict(answer["AuthenticationResult"])

    def renew(self, refresh_token: str) -> dict[str, str]:
        """New tokens for those that end, as long as nobody has logged out everywhere."""
        answer = self.cognito.initiate_auth(
            ClientId=self.stack.user_pool_client_id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": refresh_token},
        )
        return {name: str(value) for name, value in answer["AuthenticationResult"].items()}

    def person(self) -> Person:
        """A new person who is logged in."""
        return self.confirmed(*self.sign_up())

    def confirmed(self, user_id: str, email: str) -> Person:
        """Somebody who signed up confirms the address and logs in."""
        self.cognito.confirm_sign_up(
            ClientId=self.stack.user_pool_client_id,
            Username=email,
            ConfirmationCode=confirmation_code(self.stack, email),
        )
        tokens = Tokens(self.log_in(email), self.renew)
        http = Http(self.stack.api_url, self._http, lambda: tokens["IdToken"])
        return Person(user_id, email, tokens, ApiClient(http))

    @contextmanager
    def changed_price(self, product_id: str, currency: str, amount: int) -> Iterator[None]:
        """Change a product's price, in minor units, for a while."""
        dynamodb = session(self.stack.aws_endpoint_url).resource("dynamodb")
        table = dynamodb.Table(self.stack.products_table)
        before = table.get_item(Key={"product_id": product_id})["Item"]
        prices = {**before["prices"], currency: amount}  # type: ignore[dict-item]
        table.put_item(Item={**before, "prices": prices})
        try:
            yield
        finally:
            table.put_item(Item=before)

    def row(self, payment_id: str) -> dict[str, Any]:
        """A payment's row, without asking the API, which would ask Stripe."""
        dynamodb = session(self.stack.aws_endpoint_url).resource("dynamodb")
        table = dynamodb.Table(self.stack.payments_table)
        return table.get_item(Key={"payment_id": payment_id}, ConsistentRead=True)["Item"]

    def invoke(self, function: str, event: Mapping[str, object]) -> dict[str, Any]:
        """The answer of a function without a route."""
        patient = Config(read_timeout=310, retries={"total_max_attempts": 1})
        functions = session(self.stack.aws_endpoint_url).client("lambda", config=patient)
        answer = functions.invoke(FunctionName=function, Payload=json.dumps(event))
        payload = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, payload
        return dict(payload)

    def deliver(self, event: Mapping[str, object]) -> Answer:
        """Deliver a Stripe event as a webhook, signed as Stripe would."""
        secrets_manager = session(self.stack.aws_endpoint_url).client("secretsmanager")
        stored = secrets_manager.get_secret_value(SecretId=self.stack.stripe_webhook_secret_arn)
        (secret,) = json.loads(stored["SecretString"])["webhook_signing_secrets"]
        payload = json.dumps(event)
        signature = WebhookSignature.generate_signature_header(payload, secret)
        return self.client(None).send(
            "POST", "/stripe/webhook", body=payload, headers={"Stripe-Signature": signature}
        )

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Every row of a table."""
        dynamodb = session(self.stack.aws_endpoint_url).resource("dynamodb")
        return dynamodb.Table(table).scan()["Items"]


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    """A stack just for the tests; another one may already be running."""
    with (
        running_stack(LOCAL / "e2e", web="preview") as stack,
        httpx.Client(timeout=120, limits=httpx.Limits(max_connections=250)) as http,
    ):
        world = World(stack, http)
        yield world
        world.stripe.close()


@pytest.fixture
def stripe(world: World) -> Simulator:
    """Stripe, with nothing in its journal."""
    world.stripe.forget_calls()
    return world.stripe


@pytest.fixture(scope="session")
def ada(world: World) -> Person:
    """A person."""
    return world.person()


@pytest.fixture(scope="session")
def bob(world: World) -> Person:
    """Another one."""
    return world.person()


type NewPayment = Callable[..., tuple[str, str]]


@pytest.fixture
def new_payment(ada: Person, stripe: Simulator) -> NewPayment:
    """Starts a payment for Ada with a card, and returns its id and its intent's id."""

    def start(number: str = "4242424242424242") -> tuple[str, str]:
        card = ada.api.attached(stripe.payment_method(number))
        answer = ada.api.create(product_id="coffee-beans", currency="eur", payment_method_id=card)
        assert answer.status == 201, answer
        return answer.body["payment_id"], answer.body["payment_intent_id"]

    return start
