"""The scenarios: thieves for some seconds, and one honest shopper a second."""

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx

from trials.attack.policy import Policy
from trials.attack.shop import (
    GOOD_CARD,
    REFUSED_WHEN_CHARGED,
    REFUSED_WHEN_SAVED,
    Shop,
    addresses,
    wait,
)

THREADS = 10
_ACCEPTED, _TOO_MANY = {200, 201, 402}, 429
_CARDS_ON_ONE_SECRET = 200
# Before the event of the third decline has arrived, the browser may try some more.
_ON_ONE_SECRET = 3 + 5
_BANK_SECONDS = 0.3  # what a bank takes to decline a card; the simulator's takes none


@dataclass(frozen=True, slots=True)
class Scenario:
    """So many accounts, from one address or from one each; they save cards, or pay with them."""

    name: str
    accounts: int
    one_address: bool
    pays: bool = False
    one_secret: bool = False


SCENARIOS = (
    Scenario("1 account pays", 1, one_address=True, pays=True),
    Scenario("50 accounts, one address", 50, one_address=True),
    Scenario("50 accounts, an address each", 50, one_address=False),
    Scenario("1,000 accounts, one address", 1000, one_address=True),
    Scenario("1,000 accounts, an address each", 1000, one_address=False),
    Scenario("200 cards on one SetupIntent", 1, one_address=True, one_secret=True),
)


@dataclass
class Result:
    """What became of a scenario."""

    scenario: Scenario
    policy: int
    statuses: Counter[int] = field(default_factory=Counter)
    honest: Counter[bool] = field(default_factory=Counter)

    @property
    def tried(self) -> int:
        """What the thieves sent."""
        return self.statuses.total()

    @property
    def accepted(self) -> int:
        """What a bank was asked."""
        return sum(number for status, number in self.statuses.items() if status in _ACCEPTED)

    @property
    def served(self) -> float:
        """The share of honest shoppers who paid."""
        return self.honest[True] / max(1, self.honest.total())

    @property
    def held(self) -> bool:
        """Whether the limits have done what they promise."""
        unexpected = set(self.statuses) - _ACCEPTED - {_TOO_MANY}
        return self.accepted <= self.policy and self.served >= 0.99 and not unexpected  # noqa: PLR2004


def attack(shop: Shop, scenario: Scenario, *, seconds: int, interrupted: threading.Event) -> Result:
    """Play one scenario. The shoppers share the thieves' address, if they have only one."""
    thieves = shop.accounts(scenario.accounts)
    shoppers = shop.accounts(seconds)
    networks = addresses(1 if scenario.one_address else scenario.accounts)
    at_once = THREADS if scenario.accounts == 1 else 1
    policy = Policy(scenario.accounts, seconds, at_once).most_attempts
    result = Result(scenario, _ON_ONE_SECRET if scenario.one_secret else policy)
    ends_at = time.monotonic() + seconds

    def goes_on() -> bool:
        return time.monotonic() < ends_at and not interrupted.is_set()

    with ThreadPoolExecutor(THREADS + len(shoppers)) as pool:
        started = time.monotonic()
        served = [
            pool.submit(_shops, shop, token, networks[0], started + number)
            for number, token in enumerate(shoppers)
        ]
        if scenario.one_secret:
            _try_one_secret(shop, thieves[0], networks[0], result.statuses)
        else:
            _try_cards(shop, scenario, thieves, networks, result.statuses, goes_on=goes_on)
        result.honest.update(each.result() for each in served)
    return result


def _shops(shop: Shop, token: str, address: str, at: float) -> bool:
    """Come at this moment, save a card and pay with it, as anybody does."""
    wait(at - time.monotonic())
    try:
        saved = shop.save(token, address, GOOD_CARD)
        paid = shop.pay(token, address, saved.body.get("payment_method_id", ""))
    except httpx.HTTPError:
        return False
    return paid.body.get("status") == "succeeded"


def _try_cards(
    shop: Shop,
    scenario: Scenario,
    thieves: Sequence[str],
    networks: Sequence[str],
    statuses: "Counter[int]",
    *,
    goes_on: Callable[[], bool],
) -> None:
    """Each thief tries one card after the other; a single one tries many at once."""
    card = ""
    if scenario.pays:
        saved = shop.save(thieves[0], networks[0], REFUSED_WHEN_CHARGED)
        card = saved.body["payment_method_id"]
    turns = itertools.cycle(zip(thieves, itertools.cycle(networks), strict=False))
    counting = threading.Lock()

    def work() -> None:
        while goes_on():
            with counting:
                token, address = next(turns)
            try:
                if scenario.pays:
                    answer = shop.pay(token, address, card)
                else:
                    answer = shop.save(token, address, REFUSED_WHEN_SAVED)
            except httpx.HTTPError:
                continue
            with counting:
                statuses[answer.status] += 1

    with ThreadPoolExecutor(THREADS) as pool:
        for each in [pool.submit(work) for _ in range(THREADS)]:
            each.result()


def _try_one_secret(shop: Shop, thief: str, address: str, statuses: "Counter[int]") -> None:
    """A browser tries many cards at Stripe itself, past our API."""
    started = shop.ask(thief, address, "POST", "/setup-intents", usage="on_session")
    for _ in range(_CARDS_ON_ONE_SECRET):
        asked = shop.set_up(started.body["client_secret"], REFUSED_WHEN_SAVED)
        statuses[402 if asked else _TOO_MANY] += 1
        wait(_BANK_SECONDS if asked else 0)
