"""What the soak did and the answers it got, recorded live by many threads."""

import random
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

# The API's routes and their functions, which appear in Stripe's log as till/<function>.
ROUTES = {
    "POST /signup": "signup",
    "GET /products": "list_products",
    "POST /payment-methods": "attach_payment_method",
    "GET /payment-methods": "list_payment_methods",
    "POST /setup-intents": "create_setup_intent",
    "PATCH /payment-methods/{payment_method_id}": "update_payment_method",
    "POST /payments": "create_payment_intent",
    "POST /payments/{payment_id}/confirm": "confirm_payment_intent",
    "GET /payments/{payment_id}": "get_payment",
    "GET /payments": "list_payments",
    "POST /payments/{payment_id}/cancel": "cancel_payment",
    "GET /orders/{order_id}": "get_order",
    "POST /merchant/orders": "create_order",
    "POST /merchant/orders/{order_id}/cancel": "cancel_order",
    "POST /merchant/payments": "charge_in_absence",
    "GET /merchant/payments": "list_merchant_payments",
    "POST /merchant/payments/{payment_id}/capture": "capture_payment",
    "POST /merchant/payments/{payment_id}/cancel": "cancel_merchant_payment",
    "POST /merchant/payments/{payment_id}/refunds": "create_refund",
    "GET /merchant/payments/{payment_id}/refunds": "list_refunds",
}

_LOOK_SECONDS = 0.05


class Outcome(Enum):
    """How a request ended for its client."""

    ANSWERED = "answered"
    LOST = "lost"  # the client left before the answer came
    UNANSWERED = "unanswered"  # the API gave none, although the client waited


@dataclass(frozen=True)
class Reply:
    """One request to the API and its outcome; times are in seconds since 1970."""

    route: str
    outcome: Outcome
    started: float
    ended: float
    status: int = 0
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    payment_id: str | None = None
    key: str | None = None

    @property
    def code(self) -> str | None:
        """The problem's code, if the answer is a problem."""
        code = self.body.get("code")
        return str(code) if code is not None else None

    @property
    def label(self) -> str:
        """The status, or why there is none."""
        return str(self.status) if self.outcome is Outcome.ANSWERED else self.outcome.value


@dataclass(frozen=True)
class Fault:
    """A request to Stripe that met a fault: which one, who sent the request, and when."""

    kind: str
    app: str | None
    time: float


@dataclass
class Ledger:
    """Everything that the threads record.

    All threads share the lists and sets: appending and adding are atomic in CPython. A Counter
    belongs to one thread.
    """

    replies: list[Reply] = field(default_factory=list)
    user_ids: set[str] = field(default_factory=set)
    given_up: list[str] = field(default_factory=list)
    merchant: Counter[str] = field(default_factory=Counter)
    valve: Counter[str] = field(default_factory=Counter)
    reconciled: Counter[str] = field(default_factory=Counter)
    reconciler_failures: list[str] = field(default_factory=list)
    prices: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))


class Pace:
    """Paces trouble by the number of replies, so that a slow machine gets no more than others.

    `between` is the smallest and largest number of replies from one time to the next.
    """

    def __init__(self, ledger: Ledger, dice: random.Random, *, between: tuple[int, int]) -> None:
        self._ledger = ledger
        self._dice = dice
        self._between = between
        self._next = 0

    def times(self, stop: threading.Event) -> Iterator[None]:
        """Yield each time enough replies have come, until it is time to stop."""
        while not stop.wait(_LOOK_SECONDS):
            if len(self._ledger.replies) >= self._next:
                self._next = len(self._ledger.replies) + self._dice.randint(*self._between)
                yield
