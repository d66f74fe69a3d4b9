"""Make lost rows again. What is there is brought up to date, and never made twice."""

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from payments.domain.customer import Customer
from payments.domain.errors import (
    IdempotencyKeyReusedError,
    RowUnreadableError,
    ServiceUnavailableError,
    VersionConflictError,
)
from payments.domain.payment import KeyUse, Payment
from payments.domain.payment_event import REBUILD
from payments.domain.payment_intent import MISMATCHED, PaymentIntent
from payments.threads import in_threads
from tools.rebuild.account import StripeObject, WholeAccount, plain
from tools.rebuild.rows import UnreadableError, moment, order_from, payment_from, refund_from
from tools.rebuild.tables import Tables

if TYPE_CHECKING:
    from payments.aws.user_pool import PoolAdministration
    from payments.domain.person import Person
    from payments.recorder import Recorder
    from payments.repositories.bookmarks import BookmarksRepository

_AT_ONCE = 8
_MAX_TRIES = 5

# In the report's order, with what each says.
OUTCOMES = {
    "rows_copied": "rows were copied from a restored table",
    "customers_made": "people have their Stripe Customer again",
    "customers_there": "people had theirs",
    "payments_made": "payments have a row again",
    "payments_updated": "payments had an older row, which is up to date now",
    "payments_there": "payments had their row",
    "keys_made": "Idempotency-Keys lead to the payment of their order again",
    "orders_made": "paid orders have a row again",
    "orders_updated": "orders had a row that did not know of their payment",
    "orders_there": "orders had their row",
    "refunds_made": "refunds that somebody asked for have a row again",
    "refunds_there": "refunds had their row",
    "not_ours": "PaymentIntents are another stack's, or were not made by Till",
}
# What somebody has to look at.
PROBLEMS = {
    "nobody": "the Customer's person is not in the user pool; nothing was made for them",
    "several_customers": "the person has several Customers; the oldest one that was used counts",
    "unreadable": "our metadata on the PaymentIntent was changed; no row was made",
    "second_intent": "the payment has another PaymentIntent already",
    "mismatched": "the PaymentIntent differs from what was asked for",
    "key_taken": "the Idempotency-Key of an order's payment has a payment of its own",
}


@dataclass(frozen=True)
class Problem:
    """Something that was left for somebody to look at: what, where, and why."""

    kind: str
    object_id: str
    detail: str = ""


@dataclass(frozen=True)
class _Work:
    """A PaymentIntent, the charges of its refused attempts, and everybody in the user pool."""

    intent: StripeObject
    refused: list[StripeObject]
    people: "Mapping[str, Person]"


@dataclass(frozen=True)
class Rebuilder:
    """Makes rows again, and counts what it makes and finds."""

    stripe: WholeAccount
    pool: "PoolAdministration"
    recorder: "Recorder"
    tables: Tables
    bookmarks: "BookmarksRepository"
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)

    def run(self, restored: Mapping[str, str]) -> Generator[str]:
        """Make everything again, and yield the progress.

        `restored` names tables from point-in-time recovery: their rows come first. A run that was
        cut off is continued where it stopped.
        """
        people = {person.user_id: person for person in self._people()}
        bookmark = self.bookmarks.load(REBUILD)
        after = bookmark.get("after")
        if after:
            self.counts.update({name: bookmark.get(name, 0) for name in OUTCOMES})
            yield f"It goes on after {after}, where an earlier run has stopped."
        else:
            for table, source in restored.items():
                self.counts["rows_copied"] += self.tables.copy(source, to=table)
                yield f"{source} is copied."
            yield from self._customers(people)
        yield from self._payments(after, people)
        self.bookmarks.save(REBUILD)

    def _customers(self, people: "Mapping[str, Person]") -> Iterator[str]:
        of_person: dict[str, list[StripeObject]] = {}
        for each in self.stripe.customers():
            of_person.setdefault(each["metadata"]["user_id"], []).append(each)
        for user_id, customers in of_person.items():
            if user_id in people:
                self._customer(people[user_id], customers)
            else:
                self.problems.extend(Problem("nobody", each["id"], user_id) for each in customers)
        made, there = self.counts["customers_made"], self.counts["customers_there"]
        yield f"customers: {made} made, {there} there"

    def _people(self) -> "Iterator[Person]":
        cursor = None
        while True:
            page = self.pool.list_people(cursor=cursor)
            yield from page.items
            cursor = page.next_cursor
            if cursor is None:
                return

    def _customer(self, person: "Person", customers: list[StripeObject]) -> None:
        """Store whose Customer it is."""
        chosen = customers[-1]
        if customers[1:]:
            used = [each for each in customers if self.stripe.is_customer_used(each["id"])]
            chosen = (used or customers)[-1]
            ids = ", ".join(each["id"] for each in customers)
            self.problems.append(Problem("several_customers", person.user_id, ids))
        customer = Customer(
            user_id=person.user_id,
            stripe_customer_id=chosen["id"],
            livemode=chosen["livemode"],
            email=chosen.get("email") or "",
            name=chosen.get("name") or "",
            created_at=moment(chosen["created"]),
            deletion_requested_at=person.deletion_requested_at,
        )
        made = self.tables.add_customer(customer)
        self.counts["customers_made" if made else "customers_there"] += 1

    def _payments(self, after: str | None, people: "Mapping[str, Person]") -> Iterator[str]:
        refused = self.stripe.failed_charges()
        for page in self.stripe.pages_of_intents(after):
            ours = [each for each in page if self._is_ours(each)]
            self.counts["not_ours"] += len(page) - len(ours)
            work = [_Work(each, refused.get(each["id"], []), people) for each in ours]
            for _, (counts, problems) in in_threads(self._everything_of, work, at_once=_AT_ONCE):
                self.counts.update(counts)
                self.problems.extend(problems)
            so_far = {name: self.counts[name] for name in OUTCOMES}
            self.bookmarks.save(REBUILD, after=page[-1]["id"], **so_far)
            yield f"payments: {self.counts['payments_made']} made, up to {page[-1]['id']}"

    def _is_ours(self, told: StripeObject) -> bool:
        metadata = told.get("metadata") or {}
        return metadata.get("stack") == self.stripe.stack and "payment_id" in metadata

    def _everything_of(self, work: "_Work") -> tuple[Counter[str], list[Problem]]:
        """The rows of one PaymentIntent: what was made, and what is to be looked at.

        Raises:
            ServiceUnavailableError: others kept writing to them.
        """
        for _ in range(_MAX_TRIES):
            with suppress(VersionConflictError):
                return self._make(work)
        raise ServiceUnavailableError

    def _make(self, work: "_Work") -> tuple[Counter[str], list[Problem]]:
        found = work.intent
        intent = replace(self.stripe.whole(found), account_id=self.stripe.account_id())
        refunds = self.stripe.refunds_of(found) if found["status"] == "succeeded" else []
        told, refunds = plain(found), plain(refunds)
        try:
            made = payment_from(told, intent, refused=work.refused, refunds=refunds)
        except UnreadableError as error:
            return Counter(), [Problem("unreadable", intent.payment_intent_id, str(error))]
        counts: Counter[str] = Counter()
        problems = list(self._payment(made, intent, counts))
        problems += self._key(made, counts)
        order = order_from(told, made)
        if order:
            if made.user_id not in work.people:  # they were erased: their address stays so
                order = replace(order, shipping=None, receipt_email=None, metadata={})
            counts[f"orders_{self.tables.put_order(order)}"] += 1
        for refund in (refund_from(each, made) for each in refunds):
            if refund:
                added = self.tables.add_refund(refund)
                counts["refunds_made" if added else "refunds_there"] += 1
        return counts, problems

    def _payment(
        self, made: Payment, intent: PaymentIntent, counts: Counter[str]
    ) -> Iterable[Problem]:
        if made.status == MISMATCHED and made.last_payment_error:
            yield Problem("mismatched", made.payment_id, made.last_payment_error.message)
        try:
            stored = self.recorder.payments.add_pending(made)
        except (IdempotencyKeyReusedError, RowUnreadableError) as error:
            yield Problem("unreadable", made.payment_id, type(error).__name__)
            return
        if stored is made:
            counts["payments_made"] += 1
        elif stored.payment_intent_id not in {None, intent.payment_intent_id}:
            yield Problem("second_intent", intent.payment_intent_id, made.payment_id)
        elif stored.status == MISMATCHED and made.status != MISMATCHED:
            self.tables.replace_payment(stored, made)  # it was written again at other prices
            counts["payments_updated"] += 1
        else:
            recorded, _ = self.recorder.payment(stored, intent)
            same = recorded.version == stored.version
            counts["payments_there" if same else "payments_updated"] += 1

    def _key(self, made: Payment, counts: Counter[str]) -> Iterable[Problem]:
        if made.key_id is None or made.key_hash is None:
            return
        try:
            self.recorder.payments.add_key_use(KeyUse(made.key_id, made.payment_id, made.key_hash))
        except IdempotencyKeyReusedError:
            yield Problem("key_taken", made.key_id, made.payment_id)
        else:
            counts["keys_made"] += 1
