"""One soak: load while everything goes wrong; then calm; then the audit."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from local import Stack
from local.aws import session
from local.staff import program_token
from trials.soak.api import Api
from trials.soak.audit import differences_in
from trials.soak.audit_events import expected_ids
from trials.soak.audit_replies import NO_ANSWER
from trials.soak.evidence import gather, rows_of
from trials.soak.ledger import Fault, Ledger
from trials.soak.merchant import Merchant
from trials.soak.payment_events import Subscription, subscribed
from trials.soak.people import Shopper
from trials.soak.reconciler import Reconciler
from trials.soak.report import Report
from trials.soak.shop import Shop
from trials.soak.stripe import Stripe
from trials.soak.trouble import FaultInjector, PriceTag, Valve

_STILL_SECONDS = 120
_EVENTS_PATIENCE_SECONDS = 20
_POLL_SECONDS = 0.2

type Work = Callable[[threading.Event], None]


@dataclass(frozen=True)
class Settings:
    """How long the load lasts, how many people shop at once, and the random seed.

    `everybody` audits all people in the stack, not only those of this soak.
    """

    seconds: float
    seed: int
    people: int = 5
    everybody: bool = False


class Soak:
    """The soak of one stack, whose Stripe is the simulator."""

    def __init__(self, stack: Stack, settings: Settings, stripe: Stripe) -> None:
        self._stack = stack
        self._settings = settings
        self._stripe = stripe
        self._ledger = Ledger()
        self._faults = FaultInjector(stripe, ledger=self._ledger, dice=self._dice("faults"))
        self._valve = Valve(stripe, ledger=self._ledger, dice=self._dice("valve"))
        self._reconciler = Reconciler(stack, ledger=self._ledger, dice=self._dice("reconciler"))
        self._earlier_attempts = len(stripe.webhooks()["attempts"])

    def run(self, interrupted: threading.Event) -> Report:
        """Load until time is up or someone interrupts; then calm down and audit."""
        with subscribed(self._stack) as subscription:
            load_seconds = self._load(interrupted)
            loaded = time.monotonic()
            faults = self._calm_down(subscription)
            evidence = gather(
                self._stack,
                self._stripe,
                ledger=self._ledger,
                faults=faults,
                events=subscription.events,
                webhooks=self._attempts(),
                everybody=self._settings.everybody,
            )
        return Report(
            evidence=evidence,
            ledger=self._ledger,
            differences=differences_in(evidence),
            load_seconds=load_seconds,
            settle_seconds=time.monotonic() - loaded,
        )

    def _load(self, interrupted: threading.Event) -> float:
        """Run the load, and return how many seconds it took from the first trouble on."""
        stop = threading.Event()
        prices = PriceTag(self._stack, ledger=self._ledger, dice=self._dice("prices"))
        merchant = Merchant(self._stripe, ledger=self._ledger, dice=self._dice("merchant"))
        work: list[Work] = [
            self._faults.work,
            self._valve.work,
            self._reconciler.work,
            prices.work,
            merchant.work,
        ]
        with (
            httpx.Client(trust_env=False) as http,
            self._shoppers(shop := self._shop(http), http) as shoppers,
            ThreadPoolExecutor(len(work) + 1 + len(shoppers)) as pool,
        ):
            # The first people have no trouble, while the functions start for the first time. They
            # come one by one: on a busy machine, many first starts at once take too long.
            for shopper in shoppers:
                shopper.sign_up()
            started = time.monotonic()
            living = [shopper.live for shopper in shoppers]
            running = [pool.submit(each, stop) for each in (*work, shop.work, *living)]
            for each in running:
                each.add_done_callback(lambda ended: _interrupt_if_failed(ended, interrupted))
            interrupted.wait(self._settings.seconds)
            stop.set()
            for each in running:
                each.result()
            return time.monotonic() - started

    def _shop(self, http: httpx.Client) -> Shop:
        dice = self._dice("shop")
        api = Api(self._stack.api_url, http, ledger=self._ledger, dice=dice)
        api.token = program_token(self._stack)
        return Shop(api, ledger=self._ledger, dice=dice)

    @contextmanager
    def _shoppers(self, shop: Shop, http: httpx.Client) -> Iterator[list[Shopper]]:
        cognito = session(self._stack.aws_endpoint_url).client("cognito-idp")
        with closing(cognito):
            shoppers = []
            for number in range(self._settings.people):
                dice = self._dice(f"person {number}")
                api = Api(self._stack.api_url, http, ledger=self._ledger, dice=dice)
                shopper = Shopper(
                    self._stack,
                    api,
                    stripe=self._stripe,
                    shop=shop,
                    cognito=cognito,
                    ledger=self._ledger,
                    dice=dice,
                )
                shoppers.append(shopper)
            yield shoppers

    def _calm_down(self, subscription: Subscription) -> list[Fault]:
        """Stop all trouble, and let everything finish."""
        faults = self._faults.end()
        self._valve.open()
        _wait_until(self._webhooks_are_still, "the webhooks to finish")
        self._reconciler.run_until_quiet(
            lambda: _wait_until(self._stripe.newest_event_is_past, "the next second")
        )
        _wait_until(self._webhooks_are_still, "the webhooks to finish")
        expected = expected_ids(
            row
            for row in rows_of(self._stack, self._stack.payments_table)
            if row.get("user_id") in self._ledger.user_ids
        )
        subscription.wait_until(
            lambda events: expected <= {event["event_id"] for event in events},
            patience=_EVENTS_PATIENCE_SECONDS,
        )
        subscription.drain()
        return faults

    def _webhooks_are_still(self) -> bool:
        webhooks = self._stripe.webhooks()
        return not webhooks["held"] and not webhooks["in_progress"]

    def _attempts(self) -> Counter[str]:
        attempts: list[dict[str, Any]] = self._stripe.webhooks()["attempts"]
        return Counter(
            str(attempt["status"] or NO_ANSWER) for attempt in attempts[self._earlier_attempts :]
        )

    def _dice(self, name: str) -> random.Random:
        return random.Random(f"{self._settings.seed} {name}")  # noqa: S311


def soak(stack: Stack, settings: Settings, *, interrupted: threading.Event) -> Report:
    """Soak a stack, and leave its Stripe as it was, whatever happens."""
    with closing(Stripe(stack.stripe_api_url, stack.stripe_publishable_key)) as stripe:
        try:
            return Soak(stack, settings, stripe).run(interrupted)
        finally:
            stripe.clear_faults()
            stripe.deliver_webhooks()


def _interrupt_if_failed(ended: Future[None], interrupted: threading.Event) -> None:
    if ended.exception():  # raised as soon as the others have ended
        interrupted.set()


def _wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _STILL_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Waited {_STILL_SECONDS} s for {what}.")
        time.sleep(_POLL_SECONDS)
