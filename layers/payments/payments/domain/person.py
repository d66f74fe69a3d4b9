"""A person's account: what the user pool keeps of them, and its deletion."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from payments.domain.clock import timestamp

# So long after the erasure a row still refuses what is left of a person's tokens.
ERASED_ROW_STAYS_FOR = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Person:
    """What the user pool keeps of a person. Never log it. Times are as `clock.now` tells them."""

    user_id: str
    created_at: str
    email: str = field(default="", repr=False)
    email_verified: bool = False
    name: str = field(default="", repr=False)
    phone: str | None = field(default=None, repr=False)
    birthdate: str | None = field(default=None, repr=False)
    gender: str | None = field(default=None, repr=False)
    deletion_requested_at: str | None = None


@dataclass(frozen=True, slots=True)
class Deferral:
    """Why an account is not erased yet; `payment_id` is the payment that has to end first."""

    reason: str
    payment_id: str | None = None


@dataclass(frozen=True, slots=True)
class Deletion:
    """The request for a deletion: it is done after `erased_after`, once nothing defers it."""

    requested_at: str
    erased_after: str
    deferred_by: tuple[Deferral, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """A person and, if they asked for it, the deletion of their account."""

    person: Person
    deletion: Deletion | None = None


def erased_after(requested_at: str, *, days: int) -> str:
    """When the time of grace is over."""
    return timestamp(datetime.fromisoformat(requested_at) + timedelta(days=days))
