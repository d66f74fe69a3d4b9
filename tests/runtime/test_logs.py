"""What functions write under AWS's runtime client at LogLevel=DEBUG: ids, and nobody's secrets.

Lambda gives that level to the root logger, and so to the loggers of all libraries.
"""

import json
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from stripe import WebhookSignature

from local.aws import session
from tests.runtime.conftest import (
    AWS_SECRET_KEY,
    SESSION_TOKEN,
    SIGNING_SECRET,
    STRIPE_KEY,
    Functions,
)
from tests.support.simulator_client import Simulator
from trials.bench.backends import Backends
from trials.bench.events import Event, rest_event

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="AWS's runtime emulator is made for Linux"
)

EVENTS = Path(__file__).parents[1] / "events"
OF_THE_SAMPLES = (
    *("ada@example.com", "Ada Lovelace", "grace@example.com", "Grace Hopper"),
    *("+12025550123", "Compiler-A0-1952"),
)
VISA, DECLINED, CHALLENGED = "4242424242424242", "4000000000000341", "4000002760003184"


class Shopper:
    """A person whose every detail would be noticed in a log; and what they were given."""

    def __init__(self, functions: Functions, stripe: Simulator) -> None:
        unique = uuid.uuid4().hex
        self.functions = functions
        self.stripe = stripe
        self.user_id = ""
        self.email = f"countess.{unique}@private.example.com"
        self._name = "Augusta Ada Byron-King"
        self._phone = "+441815121027"
        self._password = f"Analytical-Engine-{unique}"
        self._token = f"header.{unique}.signature"
        self._key = f"key-of-hers-{unique}"
        self._given: list[str] = []

    @property
    def secrets(self) -> list[str]:
        """What must not be written anywhere."""
        return [
            *(self.email, self._name, self._phone, *OF_THE_SAMPLES),
            *(self._password, self._token, self._key, *self._given),
            *(STRIPE_KEY, SIGNING_SECRET, SESSION_TOKEN, AWS_SECRET_KEY),
        ]

    def signup(self) -> Any:
        """Sign up."""
        body = {"email": self.email, "password": self._password, "name": self._name}
        answer = self._ask("signup", "POST", "/signup", body=body | {"phone": self._phone})
        self.user_id = self.user_id or answer.get("user_id", "")
        return answer

    def attach(self, payment_method_id: str) -> Any:
        """Save a card."""
        body = {"payment_method_id": payment_method_id}
        return self._ask("attach_payment_method", "POST", "/payment-methods", body=body)

    def attached(self, number: str) -> str:
        """A saved card; if it was saved before, the one that stays."""
        return str(self.attach(self.stripe.payment_method(number))["payment_method_id"])

    def get_account(self) -> Any:
        """Look at her account."""
        return self._ask("get_account", "GET", "/account")

    def update_account(self) -> Any:
        """Send her name and her phone number again."""
        body = {"name": self._name, "phone": self._phone}
        return self._ask("update_account", "PATCH", "/account", body=body)

    def export_account(self) -> Any:
        """Download what is kept of her."""
        return self._ask("export_account", "GET", "/account/export")

    def list_products(self) -> Any:
        """Look at what is for sale."""
        return self._ask("list_products", "GET", "/products")

    def list_payment_methods(self) -> Any:
        """Look at her cards."""
        return self._ask("list_payment_methods", "GET", "/payment-methods")

    def list_payments(self) -> Any:
        """Look at her payments."""
        return self._ask("list_payments", "GET", "/payments")

    def create(self, payment_method_id: str) -> Any:
        """Start a payment."""
        self._key = f"{self._key}{len(self._given)}"
        self._given.append(self._key)
        items = [{"product_id": "coffee-beans", "quantity": 1}]
        body = {"items": items, "payment_method_id": payment_method_id}
        headers = {"Idempotency-Key": self._key}
        return self._ask("create_payment_intent", "POST", "/payments", body=body, headers=headers)

    def cvc_token(self) -> str:
        """What Stripe.js makes of the CVC that she enters."""
        self._given.append(self.stripe.cvc_token())
        return self._given[-1]

    def confirm(self, payment_id: str, cvc_token: str) -> Any:
        """Pay."""
        return self._ask(
            "confirm_payment_intent",
            "POST",
            "/payments/{payment_id}/confirm",
            body={"cvc_token": cvc_token},
            payment_id=payment_id,
        )

    def get(self, payment_id: str) -> Any:
        """Ask how a payment stands."""
        route = "/payments/{payment_id}"
        return self._ask("get_payment", "GET", route, payment_id=payment_id)

    def _ask(
        self,
        step: str,
        method: str,
        resource: str,
        *,
        body: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        **path_parameters: str,
    ) -> Any:
        claims = {"sub": self.user_id, "email": self.email, "name": self._name}
        event = rest_event(
            method,
            resource,
            body=body,
            headers={"Authorization": f"Bearer {self._token}", **(headers or {})},
            claims=claims if self.user_id else None,
            **path_parameters,
        )
        answer = json.loads(self.functions.run(step, event)["body"])
        self._given += client_secrets_in(answer)
        return answer


def client_secrets_in(answer: object) -> Iterator[str]:
    """All client secrets in an answer."""
    if isinstance(answer, list):
        for each in answer:
            yield from client_secrets_in(each)
    elif isinstance(answer, dict):
        for name, value in answer.items():
            if name == "client_secret" and value:
                yield value
            yield from client_secrets_in(value)


def webhook_of(event: Mapping[str, Any], secret: str = SIGNING_SECRET) -> Event:
    """A request of Stripe's."""
    signature = WebhookSignature.generate_signature_header(json.dumps(event), secret)
    headers = {"Stripe-Signature": signature}
    return rest_event("POST", "/stripe/webhook", body=event, headers=headers)


def sample(step: str) -> dict[str, Any]:
    """The event with which anyone may try a function."""
    event: dict[str, Any] = json.loads((EVENTS / f"{step}.json").read_text())
    return event


class Everything:
    """All that can be asked of all functions, with what it takes from Stripe got beforehand."""

    def __init__(self, shopper: Shopper, payment_id: str) -> None:
        self._shopper = shopper
        self._functions = shopper.functions
        self._payment_id = payment_id
        self._card = shopper.stripe.payment_method(VISA)
        self._cvc_token = shopper.cvc_token()
        self._events = shopper.stripe.listed(STRIPE_KEY, "/v1/events")

    def run(self) -> None:
        """Run it, whatever is answered; each function has its own process, and waits on its own."""
        shopper, payment_id = self._shopper, self._payment_id
        by_step: dict[str, Callable[[], object]] = {
            "signup": shopper.signup,
            "get_account": shopper.get_account,
            "update_account": shopper.update_account,
            "export_account": shopper.export_account,
            "list_products": shopper.list_products,
            "attach_payment_method": lambda: shopper.attach(self._card),
            "list_payment_methods": shopper.list_payment_methods,
            "create_payment_intent": lambda: shopper.create(self._card),
            "confirm_payment_intent": lambda: shopper.confirm(payment_id, self._cvc_token),
            "get_payment": lambda: shopper.get(payment_id),
            "list_payments": shopper.list_payments,
            "stripe_webhook": self._webhooks,
            "replay_events": self._replays,
            "pre_sign_up": self._registrations,
            "post_confirmation": self._confirmations,
        }
        steps = [by_step.get(step) or self._sample(step) for step in self._functions.steps]
        with ThreadPoolExecutor(len(steps)) as pool:
            for done in [pool.submit(step) for step in steps]:
                done.result()

    def _sample(self, step: str) -> Callable[[], object]:
        return lambda: self._functions.run(step, sample(step))

    def _webhooks(self) -> None:
        for event_type in ("payment_intent.succeeded", "customer.updated", "charge.refunded"):
            for event in self._events:
                if event["type"] == event_type:
                    self._functions.run("stripe_webhook", webhook_of(event))
                    break
        forged = webhook_of(self._events[0], "whsec_of_somebody_else")
        self._functions.run("stripe_webhook", forged)
        self._functions.run("stripe_webhook", sample("stripe_webhook"))

    def _registrations(self) -> None:
        event = sample("pre_sign_up")
        self._functions.run("pre_sign_up", event)
        event["request"]["userAttributes"]["name"] += "\u202e"
        self._functions.run("pre_sign_up", event)

    def _confirmations(self) -> None:
        event = {**sample("post_confirmation"), "userPoolId": self._functions.user_pool_id}
        for source in ("ConfirmSignUp", "ConfirmForgotPassword"):
            event["triggerSource"] = f"PostConfirmation_{source}"
            self._functions.run("post_confirmation", event)

    def _replays(self) -> None:
        for event in (
            {"payment_id": self._payment_id},
            {"event_id": self._events[0]["id"]},
            {"republish_since": "2020-01-01"},
        ):
            self._functions.run("replay_events", event)


def check_the_logs(functions: Functions, shopper: Shopper) -> None:
    """Every function has run since the last time, and written no secret."""
    secrets = [secret.lower() for secret in shopper.secrets]
    for step in functions.steps:
        text = functions.written_by(step).lower()
        assert "start requestid" in text, step
        assert [secret for secret in secrets if secret in text] == [], step


@pytest.fixture(scope="module")
def ada(
    functions: Functions, stripe: Simulator, backends: Backends, environment: dict[str, str]
) -> Shopper:
    """A shopper who has signed up and confirmed her address."""
    ada = Shopper(functions, stripe)
    ada.signup()
    session(backends.aws_url).client("cognito-idp").admin_confirm_sign_up(
        UserPoolId=environment["USER_POOL_ID"], Username=ada.email
    )
    return ada


@pytest.fixture(scope="module")
def paid(ada: Shopper) -> str:
    """The id of her payment."""
    payment_id = str(ada.create(ada.attached(VISA))["payment_id"])
    assert ada.confirm(payment_id, ada.cvc_token())["status"] == "succeeded"
    return payment_id


def test_a_line_names_the_request_the_person_the_payment_and_stripes_request(
    ada: Shopper, paid: str
) -> None:
    (line,) = answered(ada.functions, "signup")
    assert (line["status"], line["user_id"]) == (201, ada.user_id)
    first, *_ = answered(ada.functions, "create_payment_intent")
    assert first["cold_start"] is True
    assert first["payment_id"] == paid
    (line,) = answered(ada.functions, "confirm_payment_intent")
    assert (line["route"], line["status"]) == ("POST /payments/{payment_id}/confirm", 200)
    assert (line["user_id"], line["payment_id"]) == (ada.user_id, paid)
    assert line["stripe_request_id"].startswith("req_")
    assert line["duration_ms"] > 0
    # And the webhook
    event = ada.stripe.listed(STRIPE_KEY, "/v1/events", type="payment_intent.succeeded")[0]
    ada.functions.run("stripe_webhook", webhook_of(event))
    line = answered(ada.functions, "stripe_webhook")[-1]
    assert (line["event_id"], line["payment_id"]) == (event["id"], paid)


def answered(functions: Functions, step: str) -> list[dict[str, Any]]:
    """A function's lines about requests."""
    return [line for line in functions.lines_of(step) if line.get("message") == "answered"]


def test_no_secret_is_logged_by_functions_that_work(ada: Shopper, paid: str) -> None:
    # When a bank declines
    declined = ada.create(ada.attached(DECLINED))["payment_id"]
    assert ada.confirm(declined, ada.cvc_token())["code"] == "card_declined"
    # And another one wants 3-D Secure, which she passes once
    for outcome in ("fail", "succeed"):
        challenged = ada.create(ada.attached(CHALLENGED))
        payment_id = challenged["payment_id"]
        assert ada.confirm(payment_id, ada.cvc_token())["status"] == "requires_action"
        ada.stripe.answer_challenge(challenged["payment_intent_id"], outcome)
        assert ada.get(payment_id)["status"] != "requires_action"
    Everything(ada, paid).run()
    # Then
    check_the_logs(ada.functions, ada)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "http_500"},
        {"kind": "proxy_error", "status": 402},
        {"kind": "proxy_error", "status": 502},
        {"kind": "proxy_error", "status": 200},
    ],
    ids=lambda fault: "-".join(map(str, fault.values())),
)
def test_no_secret_is_logged_when_stripe_fails(
    ada: Shopper, paid: str, fault: dict[str, Any]
) -> None:
    # Given: what is between us and Stripe tells more than it should, and not all of it
    if fault["kind"] == "proxy_error":
        told = {"client_secret": ada.get(paid)["client_secret"], "authorization": STRIPE_KEY}
        fault = {**fault, "body": json.dumps(told)[:-1]}
    everything = Everything(ada, paid)
    ada.stripe.fault("*", "/v1/**", times=1000, **fault)
    # When
    try:
        everything.run()
    finally:
        ada.stripe.clear_faults()
    # Then
    check_the_logs(ada.functions, ada)


@pytest.mark.parametrize("refusal", [{"denied": ["rak_payment_intent_write"]}, {"revoked": True}])
def test_no_secret_is_logged_when_stripe_refuses_our_key(
    ada: Shopper, paid: str, refusal: dict[str, Any]
) -> None:
    # Given
    everything = Everything(ada, paid)
    ada.stripe.set_key(STRIPE_KEY, **refusal)
    # When
    try:
        everything.run()
    finally:
        ada.stripe.set_key(STRIPE_KEY)
    # Then
    check_the_logs(ada.functions, ada)


@pytest.mark.parametrize(
    "cut_off", ["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"], indirect=True
)
def test_no_secret_is_logged_when_aws_refuses(cut_off: Functions, ada: Shopper, paid: str) -> None:
    shopper = Shopper(cut_off, ada.stripe)
    shopper.user_id = ada.user_id
    Everything(shopper, paid).run()
    check_the_logs(cut_off, shopper)
