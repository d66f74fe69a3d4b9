"""The Stripe accounts that our key has belonged to, and which of them a payment is in."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from payments.domain.clock import timestamp

# A function keeps a key for five minutes: around a change, both the old and the new one are in use.
_BOTH_KEYS_IN_USE = timedelta(minutes=5)
_LONG_ENOUGH = timedelta(days=1)
_MOST_STAYS = 50


@dataclass(frozen=True, slots=True)
class Stay:
    """An account, and the first and the last of the runs in a row that saw it."""

    account_id: str
    since: str
    last_seen: str


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts that our key has belonged to, oldest first. The last one is the present one."""

    stays: tuple[Stay, ...]

    @property
    def present(self) -> str:
        """The account that our key belongs to now."""
        return self.stays[-1].account_id

    def owner_of(self, created_at: str) -> str | None:
        """The account of a payment that was created then; None if nobody can tell.

        Nobody can tell for the time around a change. After a day with the present account, we take
        it to be the one.
        """
        first, last = self.stays[0], self.stays[-1]
        for stay in self.stays:
            begun = stay is first or created_at >= _moved(stay.since, _BOTH_KEYS_IN_USE)
            over = stay is not last and created_at >= _moved(stay.last_seen, -_BOTH_KEYS_IN_USE)
            if begun and not over:
                return stay.account_id
        return last.account_id if last.last_seen >= _moved(last.since, _LONG_ENOUGH) else None


def accounts_with(account_id: str, *, at: str, before: tuple[Stay, ...]) -> Accounts:
    """The accounts seen before, and the one that is seen now."""
    if before and before[-1].account_id == account_id:
        return Accounts((*before[:-1], replace(before[-1], last_seen=at)))
    return Accounts((*before, Stay(account_id, since=at, last_seen=at))[-_MOST_STAYS:])


def _moved(moment: str, by: timedelta) -> str:
    return timestamp(datetime.fromisoformat(moment) + by)
