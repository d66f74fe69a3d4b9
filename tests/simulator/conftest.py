"""One simulator for all tests here, reset for each; the SDK for server and browser; steering."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import httpx
import pytest
import stripe
from stripe._base_address import BaseAddresses
from stripe._v1_services import V1Services
from stripe.params import PaymentIntentConfirmParams, PaymentIntentCreateParams

from stripe_simulator.server import RunningSimulator, running_simulator

type Json = dict[str, Any]


@dataclass(frozen=True)
class Steering:
    """The steering API, as tests use it."""

    http: httpx.Client

    def post(self, path: str, body: Json | None = None) -> Json:
        response = self.http.post(f"/_simulator{path}", json=body or {})
        response.raise_for_status()
        answer: Json = response.json()
        return answer

    def answer_challenge(self, intent_id: str, outcome: str) -> Json:
        noun = "setup_intents" if intent_id.startswith("seti_") else "payment_intents"
        return self.post(f"/{noun}/{intent_id}/next_action", {"outcome": outcome})

    def fault(self, kind: str, **order: Any) -> None:
        self.post("/faults", {"kind": kind, **order})

    def catch_up_search(self) -> None:
        """Let the minute pass after which search finds what there is now."""
        self.post("/search", {"catch_up": True})

    def wait_for_webhooks(self) -> None:
        """Wait until no delivery is running or waiting for another try."""
        while self.http.get("/_simulator/webhooks").json()["in_progress"]:
            pass

    def requests(self) -> list[Json]:
        entries: list[Json] = self.http.get("/_simulator/requests").json()["data"]
        return entries


@dataclass(frozen=True)
class Shopper:
    """A customer, and the clients that act for it: the server's and the browser's."""

    server: V1Services
    browser: V1Services

    def customer(self) -> stripe.Customer:
        return self.server.customers.create({"email": "ada@example.com"})

    def card(self, number: str = "4242424242424242", cvc: str = "123") -> stripe.PaymentMethod:
        """A new card, as from the browser's card form."""
        return self.browser.payment_methods.create(
            {
                "type": "card",
                "card": {"number": number, "exp_month": 12, "exp_year": 2045, "cvc": cvc},
                "billing_details": {"name": "Ada Lovelace"},
            }
        )

    def saved_card(
        self, customer: stripe.Customer, number: str = "4242424242424242"
    ) -> stripe.PaymentMethod:
        card = self.card(number, "1234" if number.startswith("37") else "123")
        return self.server.payment_methods.attach(card.id, {"customer": customer.id})

    def cvc_token(self, cvc: str = "123") -> str:
        return self.browser.tokens.create({"cvc_update": {"cvc": cvc}}).id

    def manual_intent(
        self, number: str = "4242424242424242", **params: Any
    ) -> stripe.PaymentIntent:
        """An intent for a saved card, confirmed by the server alone."""
        customer = self.customer()
        create: PaymentIntentCreateParams = {
            "amount": 1099,
            "currency": "eur",
            "customer": customer.id,
            "payment_method": self.saved_card(customer, number).id,
            "confirmation_method": "manual",
            "allowed_payment_method_types": ["card"],
        }
        create |= cast(PaymentIntentCreateParams, params)
        return self.server.payment_intents.create(create)

    def confirm(self, intent: stripe.PaymentIntent, **params: Any) -> stripe.PaymentIntent:
        confirm: PaymentIntentConfirmParams = {"use_stripe_sdk": True}
        confirm |= cast(PaymentIntentConfirmParams, params)
        return self.server.payment_intents.confirm(intent.id, confirm)


@pytest.fixture(scope="session")
def running() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture(scope="session")
def connected(running: RunningSimulator) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {running.secret_key}"}
    with httpx.Client(base_url=running.url, headers=headers) as client:
        yield client


@pytest.fixture
def simulator(running: RunningSimulator, connected: httpx.Client) -> RunningSimulator:
    """The simulator, after a reset."""
    connected.post("/_simulator/reset").raise_for_status()
    return running


@pytest.fixture
def http(simulator: RunningSimulator, connected: httpx.Client) -> httpx.Client:  # noqa: ARG001
    """For requests that the SDK can't send. It has the secret key."""
    return connected


@pytest.fixture
def steering(http: httpx.Client) -> Steering:
    return Steering(http)


@pytest.fixture(scope="session")
def client(running: RunningSimulator) -> Callable[[str], V1Services]:
    """Make the SDK's client for a key. It never retries: a test sees every answer."""

    @cache
    def make(key: str) -> V1Services:
        addresses: BaseAddresses = {"api": running.url}
        return stripe.StripeClient(key, base_addresses=addresses, max_network_retries=0).v1

    return make


@pytest.fixture
def server(simulator: RunningSimulator, client: Callable[[str], V1Services]) -> V1Services:
    return client(simulator.secret_key)


@pytest.fixture
def browser(simulator: RunningSimulator, client: Callable[[str], V1Services]) -> V1Services:
    return client(simulator.publishable_key)


@pytest.fixture
def shopper(server: V1Services, browser: V1Services) -> Shopper:
    return Shopper(server, browser)
