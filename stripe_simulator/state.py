"""What the simulated Stripe account holds, all of it in memory.

Every change happens inside one synchronous function on the event loop, so no reader ever sees
half of one. Objects are kept in the form in which they travel; what Stripe knows and never tells
(how a card will behave, how far a 3D Secure challenge is) lives beside them, by object id.
"""

import random
import string
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from stripe._api_version import _ApiVersion  # the version that the installed SDK asks for

from stripe_simulator.cards import Scenario
from stripe_simulator.errors import resource_missing

type StripeObject = dict[str, Any]

API_VERSION: str = _ApiVersion.CURRENT
_ALPHABET = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    """An identifier that looks like Stripe's."""
    return f"{prefix}_{''.join(random.choices(_ALPHABET, k=length))}"  # noqa: S311


class Collection(dict[str, StripeObject]):
    """All objects of one kind by id, oldest first."""

    def __init__(self, noun: str, param: str) -> None:
        super().__init__()
        self.noun = noun
        self.param = param

    def add(self, stripe_object: StripeObject) -> StripeObject:
        self[stripe_object["id"]] = stripe_object
        return stripe_object

    def find(self, object_id: str) -> StripeObject:
        """The object that a URL names.

        Raises:
            StripeError: 404 when there is none.
        """
        if object_id not in self:
            raise resource_missing(self.noun, object_id, param=self.param, status=404)
        return self[object_id]

    def referenced(self, object_id: str, param: str) -> StripeObject:
        """The object that a parameter names.

        Raises:
            StripeError: 400 when there is none, or it has been deleted.
        """
        if object_id not in self or self[object_id].get("deleted"):
            raise resource_missing(self.noun, object_id, param=param)
        return self[object_id]


@dataclass
class SavedCard:
    """What only the issuer and Stripe know about a PaymentMethod.

    set_up: the use it was set up for, if the cardholder agreed to one: on_session or off_session.
    spent: it was detached, or used without a customer, and can't be used again.
    """

    scenario: Scenario
    wrong_cvc: bool = False
    set_up: str | None = None
    spent: bool = False

    def set_up_for(self, usage: str) -> None:
        """Note a use that the cardholder agreed to; the wider one stays."""
        if self.set_up != "off_session":
            self.set_up = usage


@dataclass
class SearchIndex:
    """How far Stripe's search lags behind: objects are found lag_seconds after they were made.

    caught_up holds the ids that are found all the same, because steering said so.
    """

    lag_seconds: int = 60
    available: bool = True
    caught_up: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class TokenizedCard:
    """What a card token stands for, until a PaymentMethod is made of it."""

    scenario: Scenario
    expiry: tuple[int, int]
    billing_details: StripeObject
    cvc_given: bool


@dataclass
class Progress:
    """How far the confirmation of an intent has come.

    challenge: the open 3D Secure challenge; an earlier one is void.
    authenticated: the cardholder passed it, and the next confirm continues the same attempt.
    acceptance: how the customer agreed to the mandate that a SetupIntent is to make.
    """

    confirms: int = 0
    challenge: str | None = None
    authenticated: bool = False
    return_url: str | None = None
    acceptance: StripeObject | None = None
    wrong_cvc: bool = False


@dataclass
class Account:
    """One Stripe account in test mode."""

    id: str
    publish: Callable[["Account", StripeObject], None]
    customers: Collection = field(default_factory=lambda: Collection("customer", "id"))
    payment_methods: Collection = field(
        default_factory=lambda: Collection("PaymentMethod", "payment_method")
    )
    payment_intents: Collection = field(
        default_factory=lambda: Collection("payment_intent", "intent")
    )
    setup_intents: Collection = field(default_factory=lambda: Collection("setupintent", "intent"))
    charges: Collection = field(default_factory=lambda: Collection("charge", "id"))
    refunds: Collection = field(default_factory=lambda: Collection("refund", "refund"))
    disputes: Collection = field(default_factory=lambda: Collection("dispute", "dispute"))
    reviews: Collection = field(default_factory=lambda: Collection("review", "review"))
    fraud_warnings: Collection = field(
        default_factory=lambda: Collection("early fraud warning", "early_fraud_warning")
    )
    mandates: Collection = field(default_factory=lambda: Collection("mandate", "mandate"))
    subscriptions: Collection = field(default_factory=lambda: Collection("subscription", "id"))
    invoices: Collection = field(default_factory=lambda: Collection("invoice", "invoice"))
    tokens: Collection = field(default_factory=lambda: Collection("token", "token"))
    events: Collection = field(default_factory=lambda: Collection("event", "id"))
    webhook_endpoints: Collection = field(
        default_factory=lambda: Collection("webhook endpoint", "webhook_endpoint")
    )
    cards: dict[str, SavedCard] = field(default_factory=dict)
    line_items: dict[str, list[StripeObject]] = field(default_factory=dict)
    progress: dict[str, Progress] = field(default_factory=dict)
    tokenized_cards: dict[str, TokenizedCard] = field(default_factory=dict)
    cvcs: dict[str, str] = field(default_factory=dict)
    signing_secrets: dict[str, str] = field(default_factory=dict)
    search_index: SearchIndex = field(default_factory=SearchIndex)


@dataclass(frozen=True)
class Call:
    """One request that has been authenticated and validated."""

    account: Account
    params: Mapping[str, Any] = field(default_factory=dict)
    object_id: str = ""
    nested_id: str = ""
    path: str = ""
    publishable: bool = False
    request_id: str | None = None
    idempotency_key: str | None = None
    base_url: str = ""

    def emit(
        self, event_type: str, stripe_object: StripeObject, previous: StripeObject | None = None
    ) -> None:
        """Record an event with a snapshot of the object, and hand it to the webhooks."""
        event = self.event(event_type, stripe_object, previous)
        self.account.events.add(event)
        self.account.publish(self.account, event)

    def event(
        self, event_type: str, stripe_object: StripeObject, previous: StripeObject | None = None
    ) -> StripeObject:
        """An event that nobody has heard of yet."""
        snapshot: dict[str, Any] = {"object": copied(stripe_object)}
        if previous is not None:
            snapshot["previous_attributes"] = copied(previous)
        return {
            "id": new_id("evt"),
            "object": "event",
            "account": None,
            "api_version": API_VERSION,
            "context": None,
            "created": now(),
            "data": snapshot,
            "livemode": False,
            "pending_webhooks": 0,
            "request": {"id": self.request_id, "idempotency_key": self.idempotency_key},
            "type": event_type,
        }


def copied(value: Any) -> Any:
    """A deep copy of JSON data; much cheaper than copy.deepcopy."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copied(item) for item in value]
    return value


def now() -> int:
    return int(time.time())
