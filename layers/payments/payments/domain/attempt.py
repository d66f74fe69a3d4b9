"""How often a person may try: pure rules over what a person has tried, and when.

They bound what a thief can do with stolen cards. Declines make a person wait, longer each time;
success never does. See docs/limits.md.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from payments.domain.errors import RateLimitedError, TooManyAttemptsError
from payments.domain.limits import Limits

DAY = 24 * 60 * 60
HOUR = 60 * 60
# An attempt whose end nobody has told us of counts for so long.
UNDER_WAY_SECONDS = 10 * 60
# What to wait for where nobody knows how long it takes.
SOON_SECONDS = 60

# The first pause comes after one decline more than these.
_FREE_DECLINES = 4
_FREE_DECLINES_AT_A_BUSY_ADDRESS = 1
_FIRST_PAUSE_SECONDS = 30
_DECLINES_PER_PAYMENT = 10
_AT_ONCE_PER_PAYMENT = 10
_DECLINES_PER_SETUP_INTENT = 3

# What is kept in a person's row that no rule looks at any more, before it is tidied.
_MOST_STALE = 50


@dataclass(frozen=True, slots=True)
class Tries:
    """What a person has tried: for each kind, ids and when each was first seen, in seconds.

    An id begins with what was tried, up to a colon: a payment's attempts are `pay_1:…`.
    """

    attempts: Mapping[str, int] = field(default_factory=dict)
    declines: Mapping[str, int] = field(default_factory=dict)
    open_payments: Mapping[str, int] = field(default_factory=dict)
    cards: Mapping[str, int] = field(default_factory=dict)

    def under_way(self, now: int) -> list[str]:
        """The attempts that may still be declined."""
        since = now - UNDER_WAY_SECONDS
        declined = Counter(_subject(each) for each, at in self.declines.items() if at > since)
        left = []
        for each, at in self.attempts.items():
            if at <= since:
                continue
            if declined[_subject(each)]:
                declined[_subject(each)] -= 1
            else:
                left.append(each)
        return left

    def declined(self, now: int) -> list[int]:
        """When the last day's declines were, the latest one last."""
        return sorted(at for at in self.declines.values() if at > now - DAY)

    def declines_of(self, subject: str, now: int) -> int:
        """The last day's declines of one payment, card or SetupIntent."""
        return sum(
            _subject(each) == subject and at > now - DAY for each, at in self.declines.items()
        )

    def recent(self, kind: str, now: int) -> list[str]:
        """The last day's ids of one kind."""
        entries: Mapping[str, int] = getattr(self, kind)
        return [each for each, at in entries.items() if at > now - DAY]


def check_attempt(
    tries: Tries, attempt_id: str, *, limits: Limits, now: int, busy_address: bool
) -> None:
    """Whether this attempt, which `tries` has already, may reach a bank.

    Raises:
        TooManyAttemptsError: not now.
        RateLimitedError: the same payment is being worked on.
    """
    declined = tries.declined(now)
    if limits.declines_per_person == 0:
        return
    if declined:
        free = _FREE_DECLINES_AT_A_BUSY_ADDRESS if busy_address else _FREE_DECLINES
        _refuse_until(declined[-1] + pause_after(len(declined), free=free), now)
    if tries.declines_of(_subject(attempt_id), now) >= _DECLINES_PER_PAYMENT:
        raise TooManyAttemptsError(HOUR)
    under_way = tries.under_way(now)
    if sum(_subject(each) == _subject(attempt_id) for each in under_way) > _AT_ONCE_PER_PAYMENT:
        raise RateLimitedError
    if len(declined) + len(under_way) > limits.declines_per_person:
        if len(declined) < limits.declines_per_person:
            raise TooManyAttemptsError(SOON_SECONDS)  # those under way decide
        _refuse_until(declined[-limits.declines_per_person] + DAY, now)


def check_new_card(tries: Tries, *, limits: Limits, now: int) -> None:
    """Whether another card may be saved, counting those that are being saved.

    Raises:
        TooManyAttemptsError: not now.
    """
    cards = tries.recent("cards", now)
    saving = [each for each in tries.under_way(now) if not is_of_payment(each)]
    if limits.cards_per_person and len(cards) + len(saving) > limits.cards_per_person:
        if len(cards) < limits.cards_per_person:
            raise TooManyAttemptsError(SOON_SECONDS)
        _refuse_until(sorted(tries.cards.values())[-limits.cards_per_person] + DAY, now)


def check_open_payments(tries: Tries, *, limits: Limits, now: int) -> None:
    """Whether another payment may be open; `tries` has it already.

    Raises:
        TooManyAttemptsError: not before another one is over.
    """
    opened = len(tries.recent("open_payments", now))
    if limits.open_payments_per_person and opened > limits.open_payments_per_person:
        raise TooManyAttemptsError(SOON_SECONDS)


def is_spent(tries: Tries, setup_intent_id: str, *, now: int, busy_address: bool = False) -> bool:
    """Whether a SetupIntent has been declined so often that its secret is good for no other card.

    A person who has to pause has none left, either.
    """
    declined = tries.declined(now)
    free = _FREE_DECLINES_AT_A_BUSY_ADDRESS if busy_address else _FREE_DECLINES
    return (
        tries.declines_of(setup_intent_id, now) >= _DECLINES_PER_SETUP_INTENT
        or pause_after(len(declined), free=free) > 0
    )


def pause_after(declines: int, *, free: int = _FREE_DECLINES) -> int:
    """The seconds to wait after so many declines within a day: twice as long each time."""
    if declines <= free:
        return 0
    return min(_FIRST_PAUSE_SECONDS << (declines - free - 1), HOUR)


def stale(tries: Tries, now: int) -> Mapping[str, list[str]]:
    """What to tidy away, once there is much that no rule looks at any more."""
    kept = {"attempts": UNDER_WAY_SECONDS, "declines": DAY, "open_payments": DAY, "cards": DAY}
    old = {
        kind: [each for each, at in getattr(tries, kind).items() if at <= now - seconds]
        for kind, seconds in kept.items()
    }
    return old if sum(map(len, old.values())) >= _MOST_STALE else {}


def is_of_payment(attempt_id: str) -> bool:
    """Whether it is an attempt to pay, and not to save a card."""
    return attempt_id.startswith("pay_")


def payments_of(ids: Iterable[str]) -> list[str]:
    """The payments that attempts are of, each once."""
    return sorted({_subject(each) for each in ids if is_of_payment(each)})


def _subject(entry_id: str) -> str:
    return entry_id.partition(":")[0]


def _refuse_until(at: int, now: int) -> None:
    if now < at:
        raise TooManyAttemptsError(at - now)
