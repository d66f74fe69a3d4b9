"""Whose token a caller of the merchant's routes has sent."""

from dataclasses import dataclass

from payments.domain.actor import PROGRAM, STAFF, Actor
from payments.domain.customer import CustomerRow, User, check_signed_in
from payments.domain.errors import NotAllowedError, SignedOutError

# The user pool's groups of the merchant's staff.
SUPPORT = "support"
MERCHANT = "merchant"
STAFF_GROUPS = frozenset({SUPPORT, MERCHANT})

# What a staff member's ID token says of their one-time-code app, by PreTokenGeneration. Without
# such an app it says nothing.
CODE_ENTERED = "entered"  # this very login asked for a code
CODE_SET_UP = "set_up"  # the token was renewed; whether its login asked for one is in the row


@dataclass(frozen=True, slots=True)
class ProgramToken:
    """The access token of a program, with the scopes of its client, without their prefix."""

    client_id: str
    scopes: frozenset[str]

    @property
    def actor(self) -> Actor:
        """The program."""
        return Actor(PROGRAM, self.client_id)


@dataclass(frozen=True, slots=True)
class PersonToken:
    """A person's ID token."""

    user: User
    groups: frozenset[str]
    one_time_code: str | None

    @property
    def actor(self) -> Actor:
        """The person, as a member of the staff."""
        return Actor(STAFF, self.user.user_id)

    @property
    def is_staff(self) -> bool:
        """Whether they are in one of the merchant's groups."""
        return bool(self.groups & STAFF_GROUPS)

    def check_login(self, row: CustomerRow | None) -> None:
        """Refuse whoever did not log in with a one-time code, or has logged out everywhere since.

        Raises:
            NotAllowedError: they have not set up an app.
            SignedOutError: this session is older than the app, or was ended.
            AccountBeingDeletedError, AccountErasedError: they asked for the deletion.
        """
        check_signed_in(self.user, row)
        if self.one_time_code is None:
            raise NotAllowedError
        if self.one_time_code != CODE_ENTERED and not getattr(row, "one_time_code", False):
            raise SignedOutError


type Token = PersonToken | ProgramToken
