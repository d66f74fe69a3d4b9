"""A person, and the Stripe Customer that belongs to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from payments.domain.errors import (
    AccountBeingDeletedError,
    AccountErasedError,
    SignedOutError,
)

# The group of those who asked for the deletion of their account. Tokens tell groups.
DELETION_REQUESTED_GROUP = "deletion-requested"


@dataclass(frozen=True, slots=True)
class User:
    """A person, as the user pool knows them. `user_id` is the Cognito `sub`.

    `auth_time` is when they logged in, in seconds since 1970; None if nobody has told us.
    `deletion_requested` means that their token says so: they logged in after they had asked for it.
    `email_verified` means that it says that the address is theirs.
    """

    user_id: str
    email: str
    name: str
    auth_time: int | None = None
    deletion_requested: bool = False
    email_verified: bool = False


@dataclass(frozen=True, slots=True)
class Registration:
    """What a person tells us when they sign up. Never log it: it holds the password."""

    email: str
    password: str
    name: str
    phone: str | None = None
    birthdate: str | None = None
    gender: str | None = None

    def __repr__(self) -> str:
        return "Registration(…)"


@dataclass(frozen=True, slots=True)
class SignedUp:
    """A new user, and whether they first have to enter a code that was emailed to them."""

    user: User
    confirmation_required: bool


@dataclass(frozen=True, slots=True)
class Customer:
    """A user's Stripe Customer in one mode: a test customer is never used with a live key.

    `deleted` means that Stripe no longer has it; the person's next step creates another one.
    `saved_cards` has the fingerprints of cards that were attached to it, by id. Such a card is
    theirs, or was detached and can never be used again: this needs no call to Stripe.
    `code_entered_at` is when somebody of the staff first logged in with a one-time code, in seconds
    since 1970, and `code_session` names that session: see `PersonToken`.
    """

    user_id: str
    stripe_customer_id: str
    livemode: bool
    email: str
    name: str
    created_at: str
    deleted: bool = False
    version: int = 1
    signed_out_at: str | None = None
    deletion_requested_at: str | None = None
    code_entered_at: int | None = None
    code_session: str | None = None
    saved_cards: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UnfinishedCustomer:
    """A person without a Stripe Customer yet, and the idempotency key to create it with.

    Stripe repeats a failure under its key for a day, so each failure moves on to the key's next
    generation. `replaces` is the id of a customer that can no longer be used.
    """

    user_id: str
    replaces: str | None = None
    key_generation: int = 1
    signed_out_at: str | None = None
    deletion_requested_at: str | None = None
    code_entered_at: int | None = None
    code_session: str | None = None

    def after_a_failure(self) -> "UnfinishedCustomer":
        """The same, to be created with another key."""
        return replace(self, key_generation=self.key_generation + 1)


@dataclass(frozen=True, slots=True)
class ErasedPerson:
    """What stays of an erased person for two days, so that an old token creates nothing."""

    user_id: str
    erased_at: str


type CustomerRow = Customer | UnfinishedCustomer | ErasedPerson


def usable_customer(row: CustomerRow | None, *, livemode: bool) -> Customer | None:
    """The row's Stripe Customer of this mode, unless there is none or it was deleted."""
    if isinstance(row, Customer) and row.livemode == livemode and not row.deleted:
        return row
    return None


def check_not_erased(row: CustomerRow | None) -> None:
    """Refuse what is left of a person's tokens after their account was erased.

    Raises:
        AccountErasedError: it was.
    """
    if isinstance(row, ErasedPerson):
        raise AccountErasedError


def is_being_deleted(user: User, row: CustomerRow | None) -> bool:
    """Whether the person has asked for the deletion. A restored row may have forgotten that."""
    asked = row is not None and not isinstance(row, ErasedPerson) and row.deletion_requested_at
    return bool(asked) or user.deletion_requested


def check_not_being_deleted(user: User, row: CustomerRow | None) -> None:
    """Refuse whoever has asked for the deletion of their account.

    Raises:
        AccountBeingDeletedError: they have.
        AccountErasedError: it is done.
    """
    check_not_erased(row)
    if is_being_deleted(user, row):
        raise AccountBeingDeletedError


def check_signed_in(user: User, row: CustomerRow | None) -> None:
    """Refuse a token from before its person logged out everywhere, or had the account deleted.

    Cognito cannot take an ID token back: it is good until it expires, minutes later.

    Raises:
        SignedOutError: the person logged in before that.
        AccountBeingDeletedError, AccountErasedError: they asked for the deletion.
    """
    check_not_being_deleted(user, row)
    if row is None or isinstance(row, ErasedPerson) or row.signed_out_at is None:
        return
    signed_out_at = datetime.fromisoformat(row.signed_out_at)
    if user.auth_time is None or datetime.fromtimestamp(user.auth_time, UTC) < signed_out_at:
        raise SignedOutError
