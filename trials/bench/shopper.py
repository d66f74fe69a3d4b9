"""A person who shops at Till: what each step is asked, and what has to be there before.

Everything is prepared by Till's own functions, so nothing here knows how a row looks.
"""

import uuid
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import httpx

from trials.bench.events import Event, rest_event
from trials.bench.runtime import Runtime

_PUBLISHABLE_KEY = "pk_test_benchmark"
_CARDS = ("4242424242424242", "5555555555554444", "378282246310005")
_PAYMENTS = 10

type StartFunction = Callable[["Step"], Runtime]


@dataclass(frozen=True, slots=True)
class Step:
    """One route of the API: what it answers, and how often it may call whom."""

    name: str
    method: str
    path: str
    status: int = 200
    stripe_calls: int = 1
    dynamodb_calls: int = 2


CREATE = "create_payment_intent"
STEPS = (
    Step("signup", "POST", "/signup", status=201),
    Step("attach_payment_method", "POST", "/payment-methods", status=201, dynamodb_calls=4),
    Step("list_payment_methods", "GET", "/payment-methods"),
    Step("list_products", "GET", "/products", stripe_calls=0, dynamodb_calls=1),
    Step(CREATE, "POST", "/payments", status=201, dynamodb_calls=4),
    Step("confirm_payment_intent", "POST", "/payments/{payment_id}/confirm", dynamodb_calls=3),
    Step("get_payment", "GET", "/payments/{payment_id}"),
    Step("list_payments", "GET", "/payments", stripe_calls=0),
)


class Shopper:
    """A person with saved cards and a history, and one who buys."""

    def __init__(self, start: StartFunction, stripe_url: str) -> None:
        """`start` makes a runtime of a step's function."""
        self._start = start
        self._cleanup = ExitStack()
        self._running: dict[str, Runtime] = {}
        self._stripe = self._cleanup.enter_context(
            httpx.Client(base_url=stripe_url, auth=(_PUBLISHABLE_KEY, ""), trust_env=False)
        )

    def __enter__(self) -> "Shopper":
        try:
            self._claims = self._sign_up()
            for number in _CARDS:
                self._card = self._attach(self._claims, number)
            for _ in range(_PAYMENTS):
                self._pay(self._claims, self._card)
            self._buyer = self._sign_up()
            self._buyers_card = self._attach(self._buyer)
            self._payment_id = self._pay(self._buyer, self._buyers_card)
        except BaseException:
            self._cleanup.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._cleanup.close()

    def event(self, step: Step) -> Event:
        """A request for a step that has not been made before."""
        make: Event = getattr(self, f"_{step.name}")()
        return make

    def _signup(self) -> Event:
        person = {"email": f"{uuid.uuid4().hex}@example.com", "name": "Ada Lovelace"}
        return rest_event("POST", "/signup", body=person | {"password": "Analytical-Engine-1843"})

    def _attach_payment_method(self) -> Event:
        return self._attach_event(self._sign_up())  # a first card: saved again, it costs more

    def _list_payment_methods(self) -> Event:
        return rest_event("GET", "/payment-methods", claims=self._claims)

    def _list_products(self) -> Event:
        return rest_event("GET", "/products")

    def _create_payment_intent(self) -> Event:
        return self._pay_event(self._buyer, self._buyers_card)

    def _confirm_payment_intent(self) -> Event:
        return rest_event(
            "POST",
            "/payments/{payment_id}/confirm",
            body={"cvc_token": self._stripe_object("/v1/tokens", **{"cvc_update[cvc]": "123"})},
            claims=self._buyer,
            payment_id=self._pay(self._buyer, self._buyers_card),
        )

    def _get_payment(self) -> Event:
        return rest_event(
            "GET", "/payments/{payment_id}", claims=self._buyer, payment_id=self._payment_id
        )

    def _list_payments(self) -> Event:
        return rest_event("GET", "/payments", claims=self._claims)

    def _sign_up(self) -> dict[str, str]:
        user = self._invoke("signup", self._signup())
        return {
            "sub": user["user_id"],
            "email": user["email"],
            "name": "Ada Lovelace",
            "token_use": "id",
        }

    def _attach(self, claims: Mapping[str, str], number: str = _CARDS[0]) -> str:
        answer = self._invoke("attach_payment_method", self._attach_event(claims, number))
        return str(answer["payment_method_id"])

    def _attach_event(self, claims: Mapping[str, str], number: str = _CARDS[0]) -> Event:
        card = {
            "type": "card",
            "card[number]": number,
            "card[exp_month]": "12",
            "card[exp_year]": "2040",
            "card[cvc]": "1234" if number == _CARDS[2] else "123",
        }
        payment_method_id = self._stripe_object("/v1/payment_methods", **card)
        return rest_event(
            "POST",
            "/payment-methods",
            body={"payment_method_id": payment_method_id},
            claims=claims,
        )

    def _pay(self, claims: Mapping[str, str], card: str) -> str:
        answer = self._invoke("create_payment_intent", self._pay_event(claims, card))
        return str(answer["payment_id"])

    def _pay_event(self, claims: Mapping[str, str], card: str) -> Event:
        return rest_event(
            "POST",
            "/payments",
            body={
                "items": [{"product_id": "coffee-beans", "quantity": 2}],
                "payment_method_id": card,
            },
            headers={"Idempotency-Key": str(uuid.uuid4())},
            claims=claims,
        )

    def _invoke(self, step_name: str, event: Event) -> dict[str, Any]:
        """What Till answers, from a function that keeps running for the next time."""
        step = next(step for step in STEPS if step.name == step_name)
        if step_name not in self._running:
            runtime = self._start(step)
            self._running[step_name] = self._cleanup.enter_context(runtime)
        return self._running[step_name].invoke(event, expect=step.status).body

    def _stripe_object(self, path: str, **fields: str) -> str:
        """The id of what Stripe.js creates in the browser."""
        return str(self._stripe.post(path, data=fields).raise_for_status().json()["id"])
