"""The user pool in memory: as anybody uses it, and as a function's role may."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from payments.aws.user_pool import PoolAdministration, UserPool
from payments.domain.clock import timestamp
from payments.domain.customer import Registration, SignedUp, User
from payments.domain.errors import UserExistsError
from payments.domain.page import Page
from payments.domain.person import Person

_PAGE = 2


@dataclass
class FakePerson:
    """Somebody in the pool."""

    user: User
    registration: Registration
    confirmed: bool = False
    signed_up_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    sessions: int = 0
    deletion_requested_at: str | None = None
    in_group: bool = False
    has_code: bool = False

    @property
    def as_person(self) -> Person:
        """What the pool tells of them."""
        told = self.registration
        return Person(
            user_id=self.user.user_id,
            created_at=timestamp(self.signed_up_at),
            email=self.user.email,
            email_verified=self.confirmed,
            name=self.user.name,
            phone=told.phone,
            birthdate=told.birthdate,
            gender=told.gender,
            deletion_requested_at=self.deletion_requested_at,
        )


class FakeUserPool(UserPool, PoolAdministration):
    """A pool that asks for a confirmation by email."""

    def __init__(self) -> None:
        self.people: dict[str, FakePerson] = {}
        self.fail_next: Exception | None = None
        self.reset_codes: list[str] = []
        self.not_listed_yet: set[str] = set()
        self.before_deletion: Callable[[], object] = lambda: None
        self._ids = 0

    def person(self, email: str) -> FakePerson | None:
        """Who has this address."""
        found = (each for each in self.people.values() if each.user.email == email)
        return next(found, None)

    def sign_up(self, registration: Registration) -> SignedUp:
        self._fail()
        if self.person(registration.email):
            raise UserExistsError
        self._ids += 1
        user = User(f"user-{self._ids}", email=registration.email, name=registration.name)
        self.people[user.user_id] = FakePerson(user, registration)
        return SignedUp(user=user, confirmation_required=True)

    def send_reset_code(self, email: str) -> None:
        self._fail()
        self.reset_codes.append(email)

    def find_unconfirmed(self, username: str) -> User | None:
        self._fail()
        person = self.people.get(username) or self.person(username)
        return None if person is None or person.confirmed else person.user

    def list_unconfirmed(self, *, signed_up_before: datetime, cursor: str | None) -> Page[User]:
        self._fail()
        after = [
            person
            for user_id, person in sorted(self.people.items())
            if not person.confirmed and user_id > (cursor or "")
        ]
        page = after[:_PAGE]
        old = [each.user for each in page if each.signed_up_at < signed_up_before]
        return Page(items=old, next_cursor=page[-1].user.user_id if len(after) > _PAGE else None)

    def delete_unconfirmed(self, user_id: str) -> bool:
        self.before_deletion()
        self._fail()
        person = self.people.get(user_id)
        if person and person.confirmed:
            return False
        self.people.pop(user_id, None)
        return True

    def put(self, user: User, **told: str) -> FakePerson:
        """Somebody who has confirmed their address, and is logged in."""
        registration = Registration(email=user.email, password="", name=user.name, **told)
        self.people[user.user_id] = FakePerson(user, registration, confirmed=True, sessions=1)
        return self.people[user.user_id]

    def find(self, user_id: str) -> Person | None:
        self._fail()
        return self.people[user_id].as_person if user_id in self.people else None

    def lists(self, user_id: str) -> bool:
        self._fail()
        return user_id in self.people and user_id not in self.not_listed_yet

    def has_one_time_code(self, user_id: str) -> bool:
        self._fail()
        return user_id in self.people and self.people[user_id].has_code

    def update_attributes(self, user_id: str, changes: Mapping[str, str | None]) -> None:
        self._fail()
        if person := self.people.get(user_id):
            if "name" in changes:
                person.user = replace(person.user, name=changes["name"] or "")
            if "phone_number" in changes:
                person.registration = replace(person.registration, phone=changes["phone_number"])

    def request_deletion(self, user_id: str, *, at: str) -> None:
        self._fail()
        if person := self.people.get(user_id):
            person.deletion_requested_at = at
            self._fail()
            person.in_group = True

    def keep(self, user_id: str) -> None:
        self._fail()
        if person := self.people.get(user_id):
            person.in_group = False
            self._fail()
            person.deletion_requested_at = None

    def list_deletion_requested(self, *, cursor: str | None) -> Page[Person]:
        self._fail()
        after = [
            person.as_person
            for user_id, person in sorted(self.people.items())
            if person.in_group and user_id > (cursor or "")
        ]
        page = after[:_PAGE]
        return Page(items=page, next_cursor=page[-1].user_id if len(after) > _PAGE else None)

    def delete(self, user_id: str) -> None:
        self.before_deletion()
        self._fail()
        self.people.pop(user_id, None)

    def sign_out_everywhere(self, user_id: str) -> None:
        self._fail()
        if user_id in self.people:
            self.people[user_id].sessions = 0

    def _fail(self) -> None:
        if self.fail_next:
            error, self.fail_next = self.fail_next, None
            raise error
