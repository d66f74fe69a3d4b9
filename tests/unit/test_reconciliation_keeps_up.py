"""Reconciliation at scale: the real walk and the real pace, with fakes and a clock of their own.

A payment takes the calls to Stripe that it takes in truth: finishing a creation or looking at a
payment takes one, cancelling one takes two. Calls take no time here: the 32 threads of a run hide
half a second of it at 50 calls a second, which `python -m trials.backlog` measures.
"""

import time
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from payments.domain.clock import timestamp
from payments.repositories.payments import OpenPayment
from payments.stripe_gateway.pace import Pace
from payments.use_cases import walk_open_payments as module
from payments.use_cases.walk_open_payments import Limits, walk_open_payments
from tests.support.fakes.repositories import FakeBookmarks, FakePayments

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
RUN_SECONDS = 240  # of the 300 between two runs
TRIES = 3
HOUR = 3600


@dataclass
class Clock:
    """It moves only while somebody waits."""

    now: float = 1000.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def today(self) -> datetime:
        return NOW + timedelta(seconds=self.now - 1000)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of walk and pace."""
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", lambda: clock.now)
    monkeypatch.setattr(time, "sleep", clock.sleep)
    monkeypatch.setattr(module, "now", lambda: timestamp(clock.today()))
    return clock


class Index(FakePayments):
    """The index of open payments: what is in doubt, and what waits."""

    def __init__(self) -> None:
        super().__init__()
        self.open: dict[bool, list[OpenPayment]] = {True: [], False: []}
        self.closed: set[str] = set()

    def list_open(
        self,
        *,
        in_doubt: bool,
        since: str | None = None,
        until: str,
        page: int = 500,  # noqa: ARG002
    ) -> list[Iterator[OpenPayment]]:
        entries = self.open[in_doubt]
        start = bisect_left(entries, (since or ""), key=lambda each: each.updated_at)
        end = bisect_left(entries, until + "~", key=lambda each: each.updated_at)
        return [self._shard(entries, range(start + n, end, 16)) for n in range(16)]

    def _shard(self, entries: list[OpenPayment], numbers: range) -> Iterator[OpenPayment]:
        return (entries[n] for n in numbers if entries[n].payment_id not in self.closed)


@dataclass
class Stripe:
    """Allows so many requests in any second; people make some of them."""

    clock: Clock
    limit: float
    by_people: float = 0  # requests a second
    people_until: float = 0
    refused: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    _recent: deque[float] = field(default_factory=deque)

    def allows(self) -> bool:
        """Whether one more request is answered now, and not with 429."""
        now = self.clock.now
        while self._recent and self._recent[0] <= now - 1:
            self._recent.popleft()
        people = self.by_people if now < self.people_until else 0
        if len(self._recent) + people >= self.limit:
            self.refused.append(now)
            return False
        self._recent.append(now)
        self.answered.append(now)
        return True


@dataclass
class Reconciler:
    """Runs every five minutes."""

    clock: Clock
    stripe: Stripe
    index: Index = field(default_factory=Index)
    bookmarks: FakeBookmarks = field(default_factory=FakeBookmarks)
    done: list[str] = field(default_factory=list)
    abandoned: set[str] = field(default_factory=set)
    creations: set[str] = field(default_factory=set)

    def open_payments(
        self, kind: str, number: int, *, every: float, since: float, person: str | None = None
    ) -> None:
        """So many payments were last written to, one after the other, since so many seconds ago."""
        begun = self.clock.today() - timedelta(seconds=since)
        in_doubt = kind != "cart"
        opened = [
            OpenPayment(
                timestamp(begun + timedelta(seconds=n * every)),
                f"{person or kind}-{n:06}",
                person or f"person-{n}",
            )
            for n in range(number)
        ]
        self.index.open[in_doubt] = sorted(self.index.open[in_doubt] + opened)
        if kind == "cut-off":
            self.creations |= {entry.payment_id for entry in opened}

    def run(self) -> Counter[str]:
        """One run, and the rest of its five minutes."""
        started = self.clock.now
        pace = Pace(self.stripe.limit / 2)

        def call() -> bool:
            for _ in range(TRIES):
                pace.wait()
                allowed = self.stripe.allows()
                pace.answered(rate_limited=not allowed)
                if allowed:
                    return True
            return False

        def settle(payment_id: str) -> Counter[str]:
            calls = 2 if payment_id in self.abandoned else 1
            if not all(call() for _ in range(calls)):
                return Counter(failed=1)
            self.done.append(payment_id)
            if calls == 2 or payment_id in self.creations:
                self.index.closed.add(payment_id)
            return Counter()

        today = self.clock.today()
        self.abandoned = {
            entry.payment_id
            for entry in self.index.open[False]
            if entry.updated_at < timestamp(today - timedelta(hours=24))
        }
        counts: Counter[str] = Counter()
        limits = Limits(
            until=today - timedelta(minutes=5),
            abandoned_before=today - timedelta(hours=24),
            ends_at=self.clock.now + RUN_SECONDS,
            at_once=1,
        )
        walk_open_payments(
            settle, limits, payments=self.index, bookmarks=self.bookmarks, counts=counts
        )
        assert self.clock.now < started + RUN_SECONDS + 5, "a run is bounded"
        self.clock.now = started + 300
        return counts


def runs_until(ours: Reconciler, number: int, what: set[str] | list[str]) -> int:
    """How many runs it takes until so many are in there."""
    for runs in range(1, 500):
        ours.run()
        if len(set(what)) == number:
            return runs
    raise AssertionError(f"{len(set(what))} of {number} after 500 runs")


# 50 payments a second for an hour are 180,000. Here are a tenth of them, with a tenth of what
# Stripe allows, which takes as many runs. docs/scale.md has these numbers.
CARTS, CUT_OFF = 17_820, 180
RUNS = {100: (20, 30), 25: (79, 119)}  # by what Stripe allows


@pytest.mark.parametrize("limit", RUNS)
def test_an_hour_of_50_payments_a_second_left_open_is_worked_off(clock: Clock, limit: int) -> None:
    # Given one creation in a hundred was cut off
    looked_at, cancelled = RUNS[limit]
    ours = Reconciler(clock, Stripe(clock, limit / 10))
    ours.open_payments("cart", CARTS, every=HOUR / CARTS, since=HOUR + 300)
    ours.open_payments("cut-off", CUT_OFF, every=HOUR / CUT_OFF, since=HOUR + 300)
    # When
    ours.run()
    # Then what was cut off is finished in the first run, before anything else if there is time
    first = [each.startswith("cut-off") for each in ours.done]
    assert sum(first) == CUT_OFF
    assert first.index(False) >= min(CUT_OFF, len(first) // 2)
    # And each cart is looked at within
    assert 1 + runs_until(ours, CARTS + CUT_OFF, ours.done) == looked_at
    # And a day later each is cancelled within
    clock.now += 24 * HOUR
    assert runs_until(ours, CARTS + CUT_OFF, ours.index.closed) == cancelled
    assert ours.stripe.refused == []


def test_an_account_with_10_000_open_payments_delays_nobody(clock: Clock) -> None:
    # Given somebody's creations, all older than those of 500 others
    ours = Reconciler(clock, Stripe(clock, 100))
    ours.open_payments("cut-off", 10_000, every=0.1, since=3 * HOUR, person="mallory")
    ours.open_payments("cut-off", 500, every=1, since=HOUR)
    # When
    ours.run()
    # Then the others have waited for ten of them
    of_others = [not each.startswith("mallory") for each in ours.done]
    assert of_others[:510] == [False] * 10 + [True] * 500
    # And theirs are dealt with in the time that is left, and in the next run
    assert of_others.count(False) > 10
    assert runs_until(ours, 10_500, ours.index.closed) <= 2


def test_what_cannot_be_settled_does_not_block_what_comes_after_it(clock: Clock) -> None:
    # Given more challenges than a run can look at, which stay as they are, and newer carts
    ours = Reconciler(clock, Stripe(clock, 100))
    ours.open_payments("challenge", 30_000, every=0.1, since=3 * HOUR)
    ours.open_payments("cart", 5_000, every=0.1, since=HOUR)
    # Then all carts are looked at in two runs, and all challenges in as many as their share takes
    ours.run()
    ours.run()
    assert len({each for each in ours.done if each.startswith("cart")}) == 5_000
    assert runs_until(ours, 35_000, ours.done) <= 5


def test_when_people_need_what_stripe_allows_reconciliation_slows_down_and_recovers(
    clock: Clock,
) -> None:
    # Given people who take 80 of 100 requests a second for two minutes
    ours = Reconciler(clock, Stripe(clock, 100, by_people=80, people_until=clock.now + 120))
    ours.open_payments("cart", 100_000, every=0.01, since=2 * HOUR)
    started = clock.now
    # When
    counts = ours.run()
    # Then few of our requests are refused, and few payments are left to the next run
    busy = [each for each in ours.stripe.answered if each < started + 120]
    assert 10 <= len(busy) / 120 <= 20
    assert len(ours.stripe.refused) < len(busy) / 20
    assert counts["failed"] <= 5
    # And half a minute after the rush the pace is what it was
    later = [each for each in ours.stripe.answered if started + 150 <= each < started + 210]
    assert len(later) / 60 == pytest.approx(50, rel=0.02)
