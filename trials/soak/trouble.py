"""What goes wrong while people shop: Stripe's faults, webhooks out of order, prices that change."""

import random
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from local import Stack
from local.aws import session
from trials.soak.ledger import Fault, Ledger, Pace
from trials.soak.stripe import Stripe

# Requests that Till makes, weighted by how often: a fault that no request meets would block the
# others. The merchant meets some of them, too.
_TARGETS = {
    ("POST", "/v1/customers"): 4,
    ("GET", "/v1/customers/**"): 6,
    ("POST", "/v1/payment_methods/*/attach"): 8,
    ("POST", "/v1/payment_intents"): 10,
    ("GET", "/v1/payment_intents"): 1,
    ("GET", "/v1/payment_intents/**"): 8,
    ("POST", "/v1/payment_intents/*/confirm"): 12,
    ("POST", "/v1/payment_intents/*/capture"): 4,
    ("POST", "/v1/payment_intents/*/cancel"): 3,
    ("POST", "/v1/refunds"): 6,
    ("GET", "/v1/disputes"): 2,
    ("GET", "/v1/events"): 1,
}
_KINDS = {
    "http_500": 3,
    "remembered_500": 2,
    "remembered_500_after": 2,
    "proxy_error": 1,
    "timeout_before": 1,
    "timeout_after": 3,
    "connection_reset": 2,
    "rate_limit": 2,
    "lock_timeout": 2,
    "latency": 3,
}
_MS = (20, 1200)
_HANGS, _LONGER_THAN_TILL_WAITS_MS = 0.1, 9000
# The SDK tries three times, so four faults in a row lose at least one request for good.
_MOST_IN_A_ROW = 4
_MOST_PENDING = 20
# Long enough for clients to give up, so that the reconciler has interrupted payments to finish.
_OUTAGE, _OUTAGE_REQUESTS = 0.06, 15
_REPLIES_BETWEEN_FAULTS = (4, 16)
_JOURNAL_SECONDS = 15


class FaultInjector:
    """Makes requests to Stripe fail, and remembers which did."""

    def __init__(self, stripe: Stripe, *, ledger: Ledger, dice: random.Random) -> None:
        self._stripe = stripe
        self._ledger = ledger
        self._dice = dice
        self._since = time.time()
        self._befallen: dict[str, Fault] = {}

    def work(self, stop: threading.Event) -> None:
        """Add one fault after another until it is time to stop."""
        next_look = time.monotonic() + _JOURNAL_SECONDS
        pace = Pace(self._ledger, self._dice, between=_REPLIES_BETWEEN_FAULTS)
        for _ in pace.times(stop):
            if self._stripe.pending_faults() < _MOST_PENDING:
                self._stripe.add_fault(self._fault())
            if time.monotonic() > next_look:
                self._read_journal()
                next_look = time.monotonic() + _JOURNAL_SECONDS

    def end(self) -> list[Fault]:
        """Remove all faults, and return those that requests have met."""
        self._stripe.clear_faults()
        self._read_journal()
        return list(self._befallen.values())

    def _fault(self) -> Mapping[str, object]:
        method, path = self._dice.choices(list(_TARGETS), list(_TARGETS.values()))[0]
        kind = self._dice.choices(list(_KINDS), list(_KINDS.values()))[0]
        times, ms = self._dice.randint(1, _MOST_IN_A_ROW), self._dice.randint(*_MS)
        if self._dice.random() < _OUTAGE:
            kind, times = "http_500", _OUTAGE_REQUESTS
        elif kind.startswith("timeout") and self._dice.random() < _HANGS:
            times, ms = 1, _LONGER_THAN_TILL_WAITS_MS
        return {"method": method, "path": path, "kind": kind, "times": times, "ms": ms}

    def _read_journal(self) -> None:
        """Collect the faults that were met: the journal keeps only the latest requests."""
        self._befallen |= {
            entry["request_id"]: Fault(entry["fault"], entry["app"], entry["time"])
            for entry in self._stripe.journal()
            if entry["fault"] and entry["time"] >= self._since
        }


class Valve:
    """Holds webhooks now and then, and releases them out of order, some twice, some never."""

    def __init__(self, stripe: Stripe, *, ledger: Ledger, dice: random.Random) -> None:
        self._stripe = stripe
        self._ledger = ledger
        self._dice = dice

    def work(self, stop: threading.Event) -> None:
        """Close and open until it is time to stop."""
        while not stop.wait(self._dice.uniform(2, 6)):
            self._stripe.deliver_webhooks(hold=True)
            stop.wait(self._dice.uniform(0.5, 3))
            self.open()

    def open(self) -> None:
        """Deliver again, and release what was held: shuffled, duplicated, or not at all."""
        self._stripe.deliver_webhooks()
        self._ledger.valve.update(
            self._stripe.release_webhooks(
                order="shuffled",
                seed=self._dice.randrange(2**31),
                copies=self._dice.choice([1, 1, 2, 3]),
                drop=self._dice.choice([0, 5, 20, 1000]),
            )
        )


class PriceTag:
    """Changes prices, and puts the old ones back."""

    def __init__(self, stack: Stack, *, ledger: Ledger, dice: random.Random) -> None:
        self._stack = stack
        self._ledger = ledger
        self._dice = dice

    def work(self, stop: threading.Event) -> None:
        """Change a price every now and then until it is time to stop."""
        dynamodb = session(self._stack.aws_endpoint_url).resource("dynamodb")
        with closing(dynamodb.meta.client):
            table = dynamodb.Table(self._stack.products_table)
            before: list[dict[str, Any]] = table.scan()["Items"]
            for product in before:
                self._note(product)
            try:
                while not stop.wait(self._dice.uniform(1, 4)):
                    product = self._dice.choice(before)
                    dearer = {
                        currency: int(amount) + 10 * self._dice.randint(1, 50)
                        for currency, amount in product["prices"].items()
                    }
                    changed = {**product, "prices": dearer}
                    self._note(changed)
                    table.put_item(Item=changed)
            finally:
                for product in before:
                    table.put_item(Item=product)

    def _note(self, product: Mapping[str, Any]) -> None:
        for currency, amount in product["prices"].items():
            self._ledger.prices[f"{product['product_id']} in {currency}"].add(int(amount))
