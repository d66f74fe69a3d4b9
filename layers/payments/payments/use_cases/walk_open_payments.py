"""Walk the open payments: what is in doubt comes first, and nobody's many delay the others."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import UTC, datetime
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from payments.domain.clock import now, timestamp

if TYPE_CHECKING:
    from payments.repositories.bookmarks import BookmarksRepository
    from payments.repositories.payments import OpenPayment, PaymentsRepository

logger = Logger(child=True)

OPEN_PAYMENTS = "open-payments"

# So many of a person's payments are dealt with before everybody else has had a turn.
_AT_ONE_TURN = 10
_MOST_PUT_OFF = 20_000
# A lane leaves half of the time to those after it: what it cannot settle must not block them.
# Who has not finished by then shares the rest, in the same order.
_TURNS = (0.5, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a walk leaves alone, and what it may take."""

    until: datetime  # payments that were written to later are left alone
    abandoned_before: datetime
    ends_at: float  # by time.monotonic()
    at_once: int  # threads


def walk_open_payments(
    do: Callable[[str], Counter[str]],
    limits: Limits,
    *,
    payments: "PaymentsRepository",
    bookmarks: "BookmarksRepository",
    counts: Counter[str],
) -> None:
    """Do something with each open payment, and add what it returns to `counts`.

    `do` gets payment ids, and runs in several threads. What it raises ends the walk. Otherwise the
    next walk continues where this one stops. When the time is up, payments under way are finished.
    """
    lanes = _lanes(bookmarks.load(OPEN_PAYMENTS), limits, payments=payments)
    with _Workers(do, at_once=limits.at_once, counts=counts) as workers:
        for share in _TURNS:
            for lane in (lane for lane in lanes if not lane.finished):
                started = time.monotonic()
                lane.walk(workers, until=started + (limits.ends_at - started) * share)
        workers.finish()
    bookmarks.save(OPEN_PAYMENTS, **{lane.name: lane.position for lane in lanes})


def oldest_open_seconds(payments: "PaymentsRepository") -> int:
    """How long nobody has written to the open payment for which that is longest; 0 without any."""
    shards = [
        shard
        for in_doubt in (True, False)
        for shard in payments.list_open(in_doubt=in_doubt, until=now(), page=1)
    ]
    oldest = min((entry.updated_at for shard in shards for entry in islice(shard, 1)), default=None)
    if oldest is None:
        return 0
    return max(0, round((datetime.now(UTC) - datetime.fromisoformat(oldest)).total_seconds()))


class _Workers:
    """Threads that deal with payments, each payment once."""

    def __init__(
        self, do: Callable[[str], Counter[str]], *, at_once: int, counts: Counter[str]
    ) -> None:
        self._counts = counts
        self._do = do
        self._at_once = at_once
        self._pool = ThreadPoolExecutor(at_once)
        self._given: set[str] = set()
        self._running: set[Future[Counter[str]]] = set()

    def __enter__(self) -> "_Workers":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def give(self, payment_id: str) -> None:
        """Deal with this payment as soon as a thread is free, unless that was done already."""
        if payment_id in self._given:
            return
        self._given.add(payment_id)
        self._counts["checked"] += 1
        self._running.add(self._pool.submit(copy_context().run, self._do, payment_id))
        if len(self._running) >= self._at_once:
            self._collect(wait(self._running, return_when=FIRST_COMPLETED).done)

    def finish(self) -> None:
        """Wait until all is done."""
        self._collect(wait(self._running).done)

    def _collect(self, done: set[Future[Counter[str]]]) -> None:
        self._running -= done
        for each in done:
            self._counts.update(each.result())


@dataclass(kw_only=True)
class _Lane:
    """Open payments of one kind, oldest write first, and where among them we are.

    At the end it starts over; a lane that does not only reads what is new.
    """

    name: str
    entries: "Iterator[OpenPayment]"
    position: str | None
    starts_over: bool = True
    finished: bool = False
    _had_turns: Counter[str] = field(default_factory=Counter)  # by person
    _put_off: list[tuple[int, str]] = field(default_factory=list)  # whose turn, and the payment

    def walk(self, workers: _Workers, *, until: float) -> None:
        while time.monotonic() < until:
            entry = next(self.entries, None)
            if entry is None:
                self._walk_put_off(workers, until=until)
                return
            self.position = _position_of(entry)
            turn = self._had_turns[entry.user_id] // _AT_ONE_TURN
            self._had_turns[entry.user_id] += 1
            if turn == 0:
                workers.give(entry.payment_id)
            elif len(self._put_off) < _MOST_PUT_OFF:
                self._put_off.append((turn, entry.payment_id))

    def _walk_put_off(self, workers: _Workers, *, until: float) -> None:
        if self.starts_over:
            self.position = None
        self._put_off.sort(reverse=True)
        while self._put_off and time.monotonic() < until:
            workers.give(self._put_off.pop()[1])
        self.finished = not self._put_off


def _lanes(
    bookmark: dict[str, object], limits: Limits, *, payments: "PaymentsRepository"
) -> list[_Lane]:
    """What may be about money; what nobody has looked at yet; what is to be cancelled; the rest."""
    until, abandoned = timestamp(limits.until), timestamp(limits.abandoned_before)

    def lane(name: str, *, in_doubt: bool, until: str, starts_over: bool = True) -> _Lane:
        position = _understood(bookmark.get(name))
        since = position and position.split()[0]
        shards = payments.list_open(in_doubt=in_doubt, since=since, until=until)
        entries = (each for each in merge(*shards) if _position_of(each) > (position or ""))
        return _Lane(name=name, entries=entries, position=position, starts_over=starts_over)

    return [
        lane("in_doubt", in_doubt=True, until=until),
        lane("unseen", in_doubt=False, until=until, starts_over=False),
        lane("abandoned", in_doubt=False, until=abandoned),
        lane("waiting", in_doubt=False, until=until),
    ]


def _position_of(entry: "OpenPayment") -> str:
    return f"{entry.updated_at} {entry.payment_id}"


def _understood(position: object) -> str | None:
    """A position in a bookmark, if it is one of ours and not in the future."""
    if position is None:
        return None
    moment, _, payment_id = str(position).partition(" ")
    try:
        known = timestamp(datetime.fromisoformat(moment)) == moment <= now() and payment_id
    except ValueError:
        known = ""
    if not known:
        logger.warning("bookmark not understood", extra={"cursor": position})
        return None
    return str(position)
