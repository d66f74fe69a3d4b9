"""Decide what becomes of each Customer in the file, and do it."""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from payments.domain.clock import now
from payments.domain.customer import (
    Customer,
    CustomerRow,
    ErasedPerson,
    User,
    is_being_deleted,
    usable_customer,
)
from payments.domain.customer_import import (
    CustomerImport,
    StripeCustomer,
    email_hash,
    folded,
    lookalike,
    same_address,
)
from payments.domain.errors import CustomerMissingError
from payments.use_cases.ensure_customer import ensure_customer
from tools.import_customers.account import StripeAccountIndex
from tools.import_customers.file import Line

if TYPE_CHECKING:
    from payments.aws.user_pool import PoolAdministration
    from payments.domain.person import Person
    from payments.repositories.customers import CustomersRepository
    from payments.repositories.imports import ImportsRepository
    from payments.stripe_gateway.gateway import StripeGateway

_ID = re.compile(r"cus_\w{1,250}", re.ASCII)
# The Timeout of the function, in infra/template.yaml.
_LONGEST_SIGN_UP_SECONDS = 25

# In the report's and the screen's order, with what each says.
OUTCOMES = {
    "linked": "belongs to the person who has this address",
    "waiting": "waits until a person with this address has proved it and takes a first step",
    "already": "was imported before",
    "repeated": "is in the file more than once; only the first row counts",
    "malformed": "is not the id of a customer",
    "no_email": "has no email address at Stripe",
    "email_differs": "has another email address at Stripe than in the file",
    "ambiguous": "shares its address with another customer",
    "deleted": "was deleted at Stripe",
    "not_found": "is not in this Stripe account and mode",
    "belongs_to_somebody_else": "has somebody else's user_id in its metadata",
    "has_another": "the person has paid or saved cards with another customer",
    "being_deleted": "the person's account is being deleted",
}


@dataclass(frozen=True)
class Outcome:
    """What became, or would become, of one row of the file."""

    line: Line
    outcome: str


@dataclass(frozen=True)
class Importer:
    """Imports Customers. Without `apply` it says what it would do, and changes nothing."""

    apply: bool
    pool: "PoolAdministration"
    stripe: "StripeGateway"
    customers: "CustomersRepository"
    imports: "ImportsRepository"
    let_sign_ups_end: Callable[[], None] = lambda: time.sleep(_LONGEST_SIGN_UP_SECONDS)

    def run(self, lines: Callable[[], Iterable[Line]]) -> Iterator[Outcome]:
        """The outcome of each row, in order. What an earlier run has done stays as it is.

        `lines` reads the file, twice: first for what is ambiguous in it.
        """
        in_file = Counter(lookalike(each.email) for each in _once(lines()) if each.email)
        account = StripeAccountIndex(self.stripe.list_importable_customers())
        seen: set[str] = set()
        waiting: list[Outcome] = []
        for line in lines():
            if line.stripe_customer_id in seen:
                yield Outcome(line, "repeated")
                continue
            seen.add(line.stripe_customer_id)
            ambiguous = in_file[lookalike(line.email)] > 1
            outcome = Outcome(line, self._import(line, account, ambiguous_in_file=ambiguous))
            yield outcome
            if outcome.outcome == "waiting":
                waiting.append(outcome)
        if self.apply and waiting:
            yield from self._look_again(waiting, account)

    def _look_again(self, waiting: list[Outcome], account: StripeAccountIndex) -> Iterator[Outcome]:
        """Find who was signing up, and had looked before the Customer waited for them."""
        self.let_sign_ups_end()
        for before in waiting:
            again = self._import(before.line, account, ambiguous_in_file=False)
            if again not in {"waiting", "already"}:
                yield Outcome(before.line, again)

    def _import(self, line: Line, account: StripeAccountIndex, *, ambiguous_in_file: bool) -> str:
        customer = account.find(line.stripe_customer_id)
        if customer is None:
            return self._why_not_found(line.stripe_customer_id)
        if not same_address(line.email or customer.email, customer.email):
            return "email_differs" if customer.email else "no_email"
        person = self._person(customer)
        user_id = person.user_id if person else None
        if customer.user_id not in {None, user_id}:
            return "belongs_to_somebody_else"
        others = [each for each in account.others_like(customer) if not _is_theirs(each, user_id)]
        if ambiguous_in_file or others:
            return "ambiguous"
        return self._wait_or_link(customer, person)

    def _why_not_found(self, stripe_customer_id: str) -> str:
        if not _ID.fullmatch(stripe_customer_id):
            return "malformed"
        try:
            found = self.stripe.find_importable_customer(stripe_customer_id)
        except CustomerMissingError:
            return "not_found"
        return "ambiguous" if found else "deleted"  # made since the account was listed

    def _person(self, customer: StripeCustomer) -> "Person | None":
        """Who has the Customer's address, proved or not."""
        person = self.pool.find(folded(customer.email))
        return person if person and same_address(person.email, customer.email) else None

    def _wait_or_link(self, customer: StripeCustomer, person: "Person | None") -> str:
        row = self.customers.find_row(person.user_id) if person else None
        if person and (isinstance(row, ErasedPerson) or _is_leaving(person, row)):
            return "being_deleted"
        theirs = usable_customer(row, livemode=self.stripe.livemode)
        if theirs and theirs.stripe_customer_id == customer.stripe_customer_id:
            return "already"
        if theirs and self.stripe.is_customer_used(theirs.stripe_customer_id):
            return "has_another"
        waited_before = self._let_wait(customer)
        if waited_before and waited_before.claimed_by not in {None, person and person.user_id}:
            return "belongs_to_somebody_else"
        if person and (person.email_verified or theirs):
            return self._link(customer, person, theirs)
        return "already" if waited_before else "waiting"

    def _let_wait(self, customer: StripeCustomer) -> CustomerImport | None:
        """Write that it waits. Return what was there, unless that was another unclaimed one.

        This comes first, whoever there is: a person's step at the same moment finds it.
        """
        there = self.imports.find(customer.email)
        if there and (there.claimed_by or there.stripe_customer_id == customer.stripe_customer_id):
            return there
        if not self.apply:
            return None
        if there:  # it has another address by now, or is gone: nobody could claim it
            self.imports.remove(there)
        waiting = CustomerImport(
            email_hash=email_hash(customer.email),
            stripe_customer_id=customer.stripe_customer_id,
            livemode=customer.livemode,
            account_id=self.stripe.account_id(),
            imported_at=now(),
        )
        added = self.imports.add(waiting)
        return None if added == waiting else added

    def _link(self, customer: StripeCustomer, person: "Person", theirs: Customer | None) -> str:
        """Do for somebody what their first step would do; without a proved address, wait for it."""
        linked = "linked" if person.email_verified else "waiting"
        if not self.apply:
            return linked
        if theirs and not self.stripe.delete_unused_customer(theirs.stripe_customer_id):
            return self._give_up(customer)  # used since we looked
        if person.email_verified:
            user = User(person.user_id, email=person.email, name=person.name, email_verified=True)
            has = ensure_customer(
                user,
                stripe=self.stripe,
                customers=self.customers,
                imports=self.imports,
                missing=theirs,
            )
            if has.stripe_customer_id != customer.stripe_customer_id:
                return self._give_up(customer)
        return linked

    def _give_up(self, customer: StripeCustomer) -> str:
        there = self.imports.find(customer.email)
        if there and there.stripe_customer_id == customer.stripe_customer_id:
            self.imports.remove(there)
        return "has_another"


def _is_leaving(person: "Person", row: CustomerRow | None) -> bool:
    user = User(
        person.user_id,
        person.email,
        person.name,
        deletion_requested=bool(person.deletion_requested_at),
    )
    return is_being_deleted(user, row)


def _once(lines: Iterable[Line]) -> Iterator[Line]:
    """The first row of each Customer."""
    seen: set[str] = set()
    for line in lines:
        if line.stripe_customer_id not in seen:
            seen.add(line.stripe_customer_id)
            yield line


def _is_theirs(customer: StripeCustomer, user_id: str | None) -> bool:
    """Whether it was made for the person when they signed up: it does not compete."""
    return user_id is not None and customer.user_id == user_id
