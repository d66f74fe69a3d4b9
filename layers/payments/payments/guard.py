"""The guard: who tries cards, opens payments or signs up too often has to wait.

One write before a call that may reach a bank, and one more after a decline. Where the counters
cannot be reached, paying goes on, and a metric counts it.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import uuid4

from aws_lambda_powertools import Logger

from payments.domain import attempt as rules
from payments.domain.attempt import Tries
from payments.domain.client import NOBODY, Client
from payments.domain.errors import RateLimitedError, ServiceUnavailableError, TooManyAttemptsError
from payments.domain.limits import Limits
from payments.domain.payment import OUR_ENDS
from payments.domain.payment_intent import FINAL_STATUSES, HELD
from payments.metrics import count_rare

if TYPE_CHECKING:
    from payments.domain.card import PaymentMethod
    from payments.repositories.limits import LimitsRepository

logger = Logger(child=True)

# The bank has agreed, or is not asked any more.
_NOT_DECLINED = FINAL_STATUSES | OUR_ENDS | {HELD, "processing"}
_CLOSED = FINAL_STATUSES | OUR_ENDS | {HELD}


@dataclass(frozen=True, slots=True)
class Guard:
    """The counters, for one client."""

    limits: Limits
    counters: "LimitsRepository"
    client: Client = NOBODY

    def admit_payment(self, user_id: str, payment_id: str) -> None:
        """Count a new payment, before it is written down.

        Raises:
            TooManyAttemptsError: the person has too many that are open.
        """

        def check(tries: Tries, now: int) -> None:
            rules.check_open_payments(tries, limits=self.limits, now=now)

        self._admit(user_id, "open_payments", payment_id, check)

    def admit_charge(self, user_id: str, payment_id: str, *, attempt: str) -> None:
        """Count an attempt to pay; `attempt` is the same for the same request sent again.

        Raises:
            TooManyAttemptsError: not now.
            RateLimitedError: the same payment is being worked on.
        """
        attempt_id = f"{payment_id}:{attempt}"

        def check(tries: Tries, now: int) -> None:
            self._check_attempt(tries, attempt_id, now)

        self._admit(user_id, "attempts", attempt_id, check)

    def admit_card(self, user_id: str, payment_method_id: str | None = None) -> str:
        """Count an attempt to save a card, or to start with that; return it for `note_card`.

        Raises:
            TooManyAttemptsError: not now.
        """
        attempt_id = payment_method_id or f"setup:{uuid4().hex[:12]}"

        def check(tries: Tries, now: int) -> None:
            self._check_attempt(tries, attempt_id, now)
            rules.check_new_card(tries, limits=self.limits, now=now)

        return self._admit(user_id, "attempts", attempt_id, check)

    def _check_attempt(self, tries: Tries, attempt_id: str, now: int) -> None:
        rules.check_attempt(
            tries,
            attempt_id,
            limits=self.limits,
            now=now,
            busy_address=bool(tries.declined(now)) and self._is_busy(now),
        )

    def _is_busy(self, now: int) -> bool:
        """Whether so many cards were declined at the client's network that it gives less leeway."""
        network, most = self.client.network, self.limits.declines_per_address
        return bool(network and most) and self.counters.declines_at(str(network), at=now) >= most

    def _admit(
        self, user_id: str, kind: str, entry_id: str, check: Callable[[Tries, int], None]
    ) -> str:
        """Count first, then look: whoever comes at the same time is counted, too.

        A request that is sent again has the same id, and counts once.
        """
        now = int(time.time())
        entry = f"{entry_id}@{now}"
        with _paying_goes_on():
            tries = self.counters.add(user_id, kind, entry_id, at=now)
            try:
                over = self._checked(tries, now, check)
            except (RateLimitedError, TooManyAttemptsError):
                with suppress(ServiceUnavailableError):  # it counts a little longer then
                    self.counters.remove(user_id, {kind: [entry]})
                raise
            self.counters.remove(
                user_id,
                {
                    each: [f"{name}@{getattr(tries, each)[name]}" for name in names]
                    for each, names in over.items()
                },
            )
        return entry

    def _checked(
        self, tries: Tries, now: int, check: Callable[[Tries, int], None]
    ) -> Mapping[str, list[str]]:
        """What may be forgotten of what the person has tried, if the check allows one more try."""
        try:
            check(tries, now)
        except TooManyAttemptsError:
            over = self._what_is_over(tries, now)
            try:
                check(_without(tries, over), now)
            except TooManyAttemptsError:
                count_rare("TooManyAttempts")
                raise
            return over
        return rules.stale(tries, now)

    def _what_is_over(self, tries: Tries, now: int) -> Mapping[str, list[str]]:
        """The open payments that are closed by now, and the attempts that were no declines."""
        opened = tries.recent("open_payments", now)
        under_way = tries.under_way(now)
        statuses = self.counters.statuses(sorted({*opened, *rules.payments_of(under_way)}))
        return {
            "open_payments": [each for each in opened if statuses.get(each) in _CLOSED],
            "attempts": [
                each for each in under_way if statuses.get(each.partition(":")[0]) in _NOT_DECLINED
            ],
        }

    def note_decline(self, user_id: str, subject: str, *, which: str) -> None:
        """Count that a bank refused; `which` tells the subject's declines from each other."""
        with _paying_goes_on():
            self.counters.add_decline(
                user_id, f"{subject}:{which}", network=self.client.network, at=int(time.time())
            )

    def note_card(
        self, user_id: str, card: "PaymentMethod", *, livemode: bool, attempt: str | None = None
    ) -> None:
        """Count a card that was saved, and that its attempt, if it was ours, was no decline.

        Raises:
            TooManyAttemptsError: too many people have saved this card: it must not stay.
        """
        now = int(time.time())
        most = self.limits.people_per_card if livemode else 0  # everybody has the test cards
        with _paying_goes_on():
            self.counters.add_card(user_id, card.payment_method_id, attempt=attempt, at=now)
            if not (most and card.fingerprint):
                return
            if not self.counters.add_person_of_card(card.fingerprint, user_id, most=most, at=now):
                count_rare("TooManyAttempts")
                raise TooManyAttemptsError(rules.DAY)

    def admit_sign_up(self) -> None:
        """Count a sign-up from the client's network.

        Raises:
            TooManyAttemptsError: there were too many within this hour.
        """
        network, most = self.client.network, self.limits.signups_per_address
        if not (network and most):
            return
        now = int(time.time())
        with _paying_goes_on():
            if self.counters.add_sign_up(network, at=now) > most:
                count_rare("TooManyAttempts")
                raise TooManyAttemptsError(rules.HOUR - now % rules.HOUR)

    def note_failed_setup(self, user_id: str, setup_intent_id: str, *, which: str, at: int) -> bool:
        """Count that a bank refused a SetupIntent's card; whether that was one too many.

        Then the SetupIntent has to be cancelled: its secret lets a browser try other cards.
        """
        with _paying_goes_on():
            tries = self.counters.add(user_id, "declines", f"{setup_intent_id}:{which}", at=at)
            limited = self.limits.declines_per_person > 0
            return limited and rules.is_spent(tries, setup_intent_id, now=at)
        return False


def _without(tries: Tries, over: Mapping[str, list[str]]) -> Tries:
    left = {
        kind: {each: at for each, at in getattr(tries, kind).items() if each not in names}
        for kind, names in over.items()
    }
    return replace(tries, **left)


@contextmanager
def _paying_goes_on() -> Iterator[None]:
    """Go on without the counters where they cannot be reached."""
    try:
        yield
    except ServiceUnavailableError as error:
        logger.warning("counters unavailable", extra={"error": type(error.__cause__).__name__})
        count_rare("LimitsUnavailable")
