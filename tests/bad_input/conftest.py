"""A stack with data that bad input could spoil, and a check that nothing was touched."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from payments import wiring
from payments.aws.event_bus import EventBus
from payments.use_cases.end_sessions import end_sessions
from tests.model.stack import Stack, running_stack
from tests.support.api_client import ApiClient
from tests.support.gateway import Gateway, claims_of, run

ADA = "ada"

_REGION = "eu-north-1"
_READS = frozenset({"AdminGetUser", "BatchGetItem", "GetItem", "GetSecretValue", "Query", "Scan"})


class Touched:
    """What functions wrote to AWS and posted to Stripe since the last `forget`."""

    def __init__(self, stack: Stack) -> None:
        self._stripe = stack.stripe
        self._writes: list[str] = []
        stack.session.events.register("before-call", self._note)

    def _note(self, model: Any, **_: object) -> None:
        if model.name not in _READS:
            self._writes.append(model.name)

    def so_far(self) -> list[str]:
        """The names of the operations, and the paths."""
        posts = [call["path"] for call in self._stripe.calls() if call["method"] == "POST"]
        touched = self._writes + posts
        self.forget()
        return touched

    def forget(self) -> None:
        """Count from here."""
        self._writes.clear()
        self._stripe.forget_calls()


class Bus:
    """The part of EventBridge that is used."""

    def __init__(self) -> None:
        self.entries: list[Any] = []

    def call(self, operation: str, request: dict[str, list[Any]]) -> dict[str, int]:
        assert operation == "PutEvents"
        self.entries += request["Entries"]
        return {"FailedEntryCount": 0}


@dataclass(frozen=True)
class Shop:
    """A shop in which Ada has a card, and a payment that waits for its confirmation."""

    stack: Stack
    touched: Touched
    bus: Bus
    payment: dict[str, Any]

    @property
    def row(self) -> dict[str, Any]:
        """Ada's stored payment."""
        return self.stack.aws.payment()


@pytest.fixture(scope="package", autouse=True)
def _without_waiting() -> Iterator[None]:
    """Logging out everywhere waits for the next full second, which is hundreds of them here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(end_sessions, "__kwdefaults__", {"wait": lambda _seconds: None})
        yield


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """The stack of one module's tests."""
    with running_stack(_REGION) as stack:
        yield stack


@pytest.fixture(scope="module")
def touched(stack: Stack) -> Touched:
    """Watches all clients, because they are made after this."""
    return Touched(stack)


@pytest.fixture(scope="module")
def bus(stack: Stack) -> Iterator[Bus]:
    """Receives what is published. It depends on the stack, so that the functions find it."""
    assert stack
    bus = Bus()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring, "event_bus", lambda: EventBus(bus, "till"))  # type: ignore[arg-type]
        yield bus


@pytest.fixture(scope="module")
def shop(stack: Stack, touched: Touched, bus: Bus) -> Shop:
    """Shared by all tests of a module: none of them may change anything in it."""
    stack.empty()
    stack.aws.put_product("coffee", eur=1099)
    ada = ApiClient(Gateway(claims_of(ADA)))
    card = ada.attached(stack.stripe.payment_method("4242424242424242"))
    payment = ada.create(key="her-first-key", product_id="coffee", payment_method_id=card).body
    run("reconcile_payments", {"older_than_minutes": 0})  # stores the account with the payment
    assert stack.aws.payment()["account_id"]
    touched.forget()
    return Shop(stack, touched, bus, payment)
