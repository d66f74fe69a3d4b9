"""Whose token a caller of the merchant's routes has sent."""

from dataclasses import dataclass

from payments.domain.actor import PROGRAM, STAFF, Actor
from payments.domain.customer import CustomerRow, ErasedPerson, User, check_signed_in
from payments.domain.errors import NotAllowedError, SignedOutError

# The user pool's groups of the merchant's staff.
SUPPORT = "support"
MERCHANT = "merchant"
STAFF_GROUPS = frozenset({SUPPORT, MERCHANT})

# What a staff member's ID token says of their one-time-code app, by PreTokenGeneration. Without
# such an app it says nothing.
CODE_ENTERED = "entered"  # this very login asked for a code
CODE_SET_UP = "set_up"  # the token was renewed; its login may be older than the app


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
    """A person's ID token. `session` stays the same when it is renewed.

    A renewed token does not tell whether its session began with a one-time code. So the row keeps
    the first one that did: the sessions that began later had to enter a code too.
    """

    user: User
    session: str
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
        if self.one_time_code != CODE_ENTERED and not self._began_with_code(row):
            raise SignedOutError

    def is_first_with_code(self, row: CustomerRow | None) -> bool:
        """Whether no session is known yet that began with a code, and this one did."""
        return self.one_time_code == CODE_ENTERED and _first_with_code(row) is None

    def _began_with_code(self, row: CustomerRow | None) -> bool:
        first = _first_with_code(row)
        if first is None or self.user.auth_time is None:
            return False
        at, session = first
        return self.user.auth_time > at or self.session == session


def _first_with_code(row: CustomerRow | None) -> tuple[int, str] | None:
    if row is None or isinstance(row, ErasedPerson):
        return None
    if row.code_entered_at is None or row.code_session is None:
        return None
    return row.code_entered_at, row.code_session


type Token = PersonToken | ProgramToken
