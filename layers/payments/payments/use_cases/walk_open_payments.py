"""Walk the open payments: what is in doubt comes first, and nobody's many delay the others.

Held money is left alone until the bank no longer holds it: for days, nothing would have changed.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from payments.domain.clock import now, timestamp
from payments.threads import in_threads

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
    in_order = _in_order(lanes, ends_at=limits.ends_at, counts=counts)
    for _, done in in_threads(do, in_order, at_once=limits.at_once):
        counts.update(done)
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


def _in_order(lanes: "list[_Lane]", *, ends_at: float, counts: Counter[str]) -> Iterator[str]:
    """The payments in the order in which they have their turn, each once, while there is time."""
    given: set[str] = set()
    for share in _TURNS:
        for lane in (lane for lane in lanes if not lane.finished):
            started = time.monotonic()
            for payment_id in lane.walk(until=started + (ends_at - started) * share):
                if payment_id not in given:
                    given.add(payment_id)
                    counts["checked"] += 1
                    yield payment_id


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

    def walk(self, *, until: float) -> Iterator[str]:
        while time.monotonic() < until:
            entry = next(self.entries, None)
            if entry is None:
                yield from self._walk_put_off(until=until)
                return
            self.position = _position_of(entry)
            turn = self._had_turns[entry.user_id] // _AT_ONE_TURN
            self._had_turns[entry.user_id] += 1
            if turn == 0:
                yield entry.payment_id
            elif len(self._put_off) < _MOST_PUT_OFF:
                self._put_off.append((turn, entry.payment_id))

    def _walk_put_off(self, *, until: float) -> Iterator[str]:
        if self.starts_over:
            self.position = None
        self._put_off.sort(reverse=True)
        while self._put_off and time.monotonic() < until:
            yield self._put_off.pop()[1]
        self.finished = not self._put_off


def _lanes(
    bookmark: dict[str, object], limits: Limits, *, payments: "PaymentsRepository"
) -> list[_Lane]:
    """What may be about money; what nobody has looked at yet; what is to be cancelled; the rest.

    What may be about money includes holds that ran out.
    """
    until, abandoned = timestamp(limits.until), timestamp(limits.abandoned_before)

    def lane(name: str, *, in_doubt: bool | None, until: str, starts_over: bool = True) -> _Lane:
        position = _understood(bookmark.get(name))
        since = position and position.split()[0]
        if in_doubt is None:
            shards = payments.list_run_out(since=since, until=until)
        else:
            shards = payments.list_open(in_doubt=in_doubt, since=since, until=until)
        entries = (each for each in merge(*shards) if _position_of(each) > (position or ""))
        return _Lane(name=name, entries=entries, position=position, starts_over=starts_over)

    return [
        lane("in_doubt", in_doubt=True, until=until),
        lane("run_out", in_doubt=None, until=until),
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
