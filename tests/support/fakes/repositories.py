"""The tables in memory: the same verbs, conditions and conflicts, but no AWS."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any, cast

from payments.aws.event_bus import EventBus
from payments.aws.unpublished_queue import QueuedMessage, UnpublishedQueue
from payments.domain.attempt import DAY, HOUR, Tries
from payments.domain.card import PaymentMethod
from payments.domain.clock import now
from payments.domain.customer import Customer, CustomerRow, ErasedPerson, UnfinishedCustomer
from payments.domain.customer_import import CustomerImport, email_hash
from payments.domain.errors import (
    AccountErasedError,
    CustomerMissingError,
    OrderNotFoundError,
    PaymentNotFoundError,
    ProductNotFoundError,
    RowUnreadableError,
    ServiceUnavailableError,
    VersionConflictError,
)
from payments.domain.order import Order
from payments.domain.page import Page
from payments.domain.payment import Payment, RefundRequest
from payments.domain.payment_event import (
    HistoryWindow,
    PaymentChange,
    PaymentEvent,
    Unpublished,
)
from payments.domain.product import CatalogueProduct, Product
from payments.domain.refund import RequestedRefund
from payments.repositories.bookmarks import BookmarksRepository
from payments.repositories.customers import CustomersRepository
from payments.repositories.dynamodb import Item
from payments.repositories.imports import ImportsRepository
from payments.repositories.limits import LimitsRepository
from payments.repositories.orders import OrdersRepository
from payments.repositories.payment_changes import PaymentChangesRepository
from payments.repositories.payment_inputs import PaymentInputs, PaymentInputsRepository
from payments.repositories.payments import OpenPayment, PaymentsRepository
from payments.repositories.products import ProductsRepository
from payments.repositories.refunds import RefundsRepository
from tests.support.fakes.stripe_gateway import page_of

if TYPE_CHECKING:
    from payments.aws.client import AwsClient


class Interruptions:
    """What others do between a read and a write, one action per write."""

    def __init__(self) -> None:
        self._actions: list[Callable[[], object]] = []

    def add(self, action: Callable[[], object]) -> None:
        """Do this right before the next write that has no interruption yet."""
        self._actions.append(action)

    def happen(self) -> None:
        """A write is about to happen."""
        if self._actions:
            self._actions.pop(0)()


class FakeOrders(OrdersRepository):
    """The Orders table."""

    def __init__(self) -> None:
        self.rows: dict[str, Order] = {}

    def get(self, order_id: str) -> Order:
        if order_id not in self.rows:
            raise OrderNotFoundError
        return self.rows[order_id]

    def list_for_user(self, user_id: str, *, limit: int, cursor: str | None) -> Page[Order]:
        """A cursor is the number of orders before it."""
        found = [order for order in self.rows.values() if order.user_id == user_id]
        end = int(cursor or 0) + limit
        return Page(
            items=found[end - limit : end], next_cursor=str(end) if end < len(found) else None
        )

    def forget_person(self, user_id: str) -> None:
        for order in self.rows.values():
            if order.user_id == user_id:
                self.rows[order.order_id] = replace(
                    order, shipping=None, receipt_email=None, metadata={}
                )


class _AcceptingDynamoDB:
    """Accepts every write: the fake decides whether its condition holds."""

    def call(self, operation: str, _request: object) -> dict[str, object]:
        assert operation == "UpdateItem"
        return {}


class FakeCustomers(CustomersRepository):
    """The Customers table. A person's row is in `rows`, or in `unfinished`, or nowhere."""

    def __init__(self) -> None:
        self.rows: dict[str, Customer] = {}
        self.unfinished: dict[str, UnfinishedCustomer] = {}
        self.erased: dict[str, ErasedPerson] = {}
        self.before_writes = Interruptions()
        self.fail_next_write: Exception | None = None

    def find(self, user_id: str) -> Customer | None:
        return self.rows.get(user_id)

    def find_row(self, user_id: str) -> CustomerRow | None:
        known = self.rows.get(user_id) or self.unfinished.get(user_id)
        return known or self.erased.get(user_id)

    def list_rows(self, *, limit: int, cursor: str | None) -> Page[CustomerRow]:
        everybody: dict[str, CustomerRow] = {**self.erased, **self.unfinished, **self.rows}
        after = [row for user_id, row in sorted(everybody.items()) if user_id > (cursor or "")]
        page = after[:limit]
        return Page(items=page, next_cursor=page[-1].user_id if len(after) > limit else None)

    def request_deletion(self, user_id: str, *, at: str, signed_out_at: str) -> CustomerRow:
        self._before_write()
        self._refuse_erased(user_id)
        row = self.find_row(user_id) or UnfinishedCustomer(user_id)
        assert not isinstance(row, ErasedPerson)
        at = row.deletion_requested_at or at
        return self._put(replace(row, deletion_requested_at=at, signed_out_at=signed_out_at))

    def keep(self, user_id: str) -> None:
        self._before_write()
        row = self.find_row(user_id)
        if row and not isinstance(row, ErasedPerson):
            self._put(replace(row, deletion_requested_at=None))

    def erase(self, row: Customer | UnfinishedCustomer, *, at: str) -> None:
        self._before_write()
        there = self.find_row(row.user_id)
        if isinstance(there, ErasedPerson):
            return
        if (
            there is None
            or there.deletion_requested_at is None
            or _stripe_customer_id(there) != _stripe_customer_id(row)
        ):
            raise VersionConflictError
        self.rows.pop(row.user_id, None)
        self.unfinished.pop(row.user_id, None)
        self.erased[row.user_id] = ErasedPerson(row.user_id, erased_at=at)

    def _put(self, row: Customer | UnfinishedCustomer) -> CustomerRow:
        if isinstance(row, Customer):
            self.rows[row.user_id] = row
        else:
            self.unfinished[row.user_id] = row
        return row

    def _refuse_erased(self, user_id: str) -> None:
        if user_id in self.erased:
            raise AccountErasedError

    def add(self, customer: Customer, *, replacing: Customer | None) -> Customer:
        self._before_write()
        self._refuse_erased(customer.user_id)
        there = self.rows.get(customer.user_id)
        if there is not None and not _is_same(there, replacing):
            return there
        before = there or self.unfinished.pop(customer.user_id, None)
        saved_cards = there.saved_cards if there else {}  # of the one that it replaces, too
        stored = replace(customer, **_kept(before), saved_cards=saved_cards)
        self.rows[customer.user_id] = stored
        return stored

    def move_on(
        self, unfinished: UnfinishedCustomer, *, replacing: Customer | None
    ) -> Customer | UnfinishedCustomer:
        self._before_write()
        user_id = unfinished.user_id
        self._refuse_erased(user_id)
        customer, there = self.rows.get(user_id), self.unfinished.get(user_id)
        if customer is not None and not _is_same(customer, replacing):
            return customer
        if there is not None and there.key_generation >= unfinished.key_generation:
            return there
        self.rows.pop(user_id, None)
        before = customer or there
        stored = replace(unfinished, **_kept(before))
        self.unfinished[user_id] = stored
        return stored

    def add_card(self, customer: Customer, card: PaymentMethod) -> Customer:
        self._before_write()
        there = self.rows.get(customer.user_id)
        if there is None or there.stripe_customer_id != customer.stripe_customer_id:
            raise CustomerMissingError
        cards = {**there.saved_cards, card.payment_method_id: card.fingerprint or ""}
        self.rows[customer.user_id] = replace(there, saved_cards=cards)
        return self.rows[customer.user_id]

    def forget_cards(self, customer: Customer, payment_method_ids: Collection[str]) -> None:
        self._before_write()
        there = self.rows.get(customer.user_id)
        if there is None or there.stripe_customer_id != customer.stripe_customer_id:
            return
        left = {k: v for k, v in there.saved_cards.items() if k not in payment_method_ids}
        self.rows[customer.user_id] = replace(there, saved_cards=left)

    def _before_write(self) -> None:
        self.before_writes.happen()
        if self.fail_next_write:
            error, self.fail_next_write = self.fail_next_write, None
            raise error

    def record(self, customer: Customer, *, profile: tuple[str, str] | None) -> Customer:
        self.before_writes.happen()
        there = self.rows.get(customer.user_id)
        if there is None or there.version != customer.version:
            raise VersionConflictError
        recorded = replace(customer, deleted=True, version=customer.version + 1)
        if profile:
            recorded = replace(recorded, email=profile[0], name=profile[1], deleted=False)
        self.rows[customer.user_id] = recorded
        return recorded

    def sign_out(self, user_id: str, *, at: str) -> None:
        self._before_write()
        if user_id in self.rows:
            self.rows[user_id] = replace(self.rows[user_id], signed_out_at=at)
        elif user_id not in self.erased:
            there = self.unfinished.get(user_id, UnfinishedCustomer(user_id))
            self.unfinished[user_id] = replace(there, signed_out_at=at)

    def note_one_time_code(self, user_id: str, *, at: int, session: str) -> None:
        there = self.find_row(user_id)
        if not getattr(there, "code_entered_at", None):
            self._set_one_time_code(user_id, code_entered_at=at, code_session=session)

    def forget_one_time_code(self, user_id: str) -> None:
        self._set_one_time_code(user_id, code_entered_at=None, code_session=None)

    def _set_one_time_code(self, user_id: str, **first: Any) -> None:
        self._before_write()
        if user_id in self.rows:
            self.rows[user_id] = replace(self.rows[user_id], **first)
        elif user_id in self.unfinished or first["code_session"]:
            there = self.unfinished.get(user_id, UnfinishedCustomer(user_id))
            self.unfinished[user_id] = replace(there, **first)

    def remove(self, row: CustomerRow) -> None:
        self._before_write()
        there = self.rows.get(row.user_id)
        same = isinstance(row, Customer) and there and _is_same(there, row)
        if (there and not same) or row.user_id in self.erased:
            raise VersionConflictError
        self.rows.pop(row.user_id, None)
        self.unfinished.pop(row.user_id, None)


def _kept(before: Customer | UnfinishedCustomer | None) -> dict[str, Any]:
    """What has a writer of its own."""
    if before is None:
        return {}
    return {
        "signed_out_at": before.signed_out_at,
        "deletion_requested_at": before.deletion_requested_at,
        "code_entered_at": before.code_entered_at,
        "code_session": before.code_session,
    }


def _stripe_customer_id(row: Customer | UnfinishedCustomer) -> str | None:
    return row.stripe_customer_id if isinstance(row, Customer) else None


def _is_same(there: Customer, replacing: Customer | None) -> bool:
    return replacing is not None and there.stripe_customer_id == replacing.stripe_customer_id


class FakeImports(ImportsRepository):
    """The Imports table, by hash."""

    def __init__(self) -> None:
        self.rows: dict[str, CustomerImport] = {}
        self.reads = 0
        self.before_writes = Interruptions()

    def find(self, email: str) -> CustomerImport | None:
        self.reads += 1
        return self.rows.get(email_hash(email))

    def add(self, waiting: CustomerImport) -> CustomerImport:
        self.before_writes.happen()
        return self.rows.setdefault(waiting.email_hash, waiting)

    def claim(self, waiting: CustomerImport, *, user_id: str, at: str) -> bool:
        assert at
        self.before_writes.happen()
        there = self.rows.get(waiting.email_hash)
        if there is None or there.stripe_customer_id != waiting.stripe_customer_id:
            return False
        if there.claimed_by not in {None, user_id}:
            return False
        self.rows[waiting.email_hash] = replace(there, claimed_by=user_id)
        return True

    def remove(self, waiting: CustomerImport) -> bool:
        self.before_writes.happen()
        there = self.rows.get(waiting.email_hash)
        if there and (there.claimed_by or there.stripe_customer_id != waiting.stripe_customer_id):
            return False
        self.rows.pop(waiting.email_hash, None)
        return True


class FakeProducts(ProductsRepository):
    """The Products table; withdrawn products are not in it."""

    def __init__(self) -> None:
        self.rows: dict[str, Product] = {}
        self.written: dict[str, CatalogueProduct] = {}

    def put(self, product: Product) -> None:
        """Put a product on sale, or change it."""
        self.rows[product.product_id] = product

    def write(self, product: CatalogueProduct) -> None:
        self.written[product.product_id] = product

    def take_off_sale(self, product_id: str) -> None:
        if product_id not in self.written:
            raise ProductNotFoundError
        self.written[product_id] = replace(self.written[product_id], active=False)

    def withdraw(self, product_id: str) -> None:
        """Stop selling it."""
        del self.rows[product_id]

    def list_for_sale(self, *, limit: int, cursor: str | None) -> Page[Product]:
        products = sorted(self.rows.values(), key=lambda product: product.name)
        return page_of(products, [product.product_id for product in products], limit, cursor)

    def get_for_sale(self, product_id: str) -> Product:
        if product_id not in self.rows:
            raise ProductNotFoundError
        return self.rows[product_id]


class FakePayments(PaymentChangesRepository):
    """The Payments table. The code under test itself decides what a record says."""

    def __init__(self) -> None:
        super().__init__(cast("AwsClient", _AcceptingDynamoDB()), "payments", orders="orders")
        self.rows: dict[str, Payment] = {}
        self.unreadable: dict[str, str] = {}  # why a row cannot be read, by its id
        self.not_in_index_yet: set[str] = set()
        self.before_writes = Interruptions()
        self.fail_next_record: Exception | None = None
        self.records = 0

    def put(self, payment: Payment) -> Payment:
        """A row from earlier."""
        self.rows[payment.payment_id] = payment
        return payment

    def add_pending(self, payment: Payment) -> Payment:
        self.before_writes.happen()
        return self.rows.setdefault(payment.payment_id, payment)

    def get(self, payment_id: str) -> Payment:
        if payment_id in self.unreadable:
            raise RowUnreadableError(self.unreadable[payment_id])
        if payment_id not in self.rows:
            raise PaymentNotFoundError
        return self.rows[payment_id]

    def list_for_user(self, user_id: str, *, limit: int, cursor: str | None) -> Page[Payment]:
        payments = sorted(
            (payment for payment in self.rows.values() if payment.user_id == user_id),
            key=lambda payment: payment.created_at,
            reverse=True,
        )
        return page_of(payments, [payment.payment_id for payment in payments], limit, cursor)

    def list_open_for_user(self, user_id: str) -> list[Payment]:
        return [
            payment
            for payment in self.rows.values()
            if payment.user_id == user_id
            and payment.has_work_left
            and payment.payment_id not in self.not_in_index_yet
        ]

    def _write(self, before: Payment, after: Payment) -> Payment:
        self.before_writes.happen()
        if self.fail_next_record:
            error, self.fail_next_record = self.fail_next_record, None
            raise error
        row = self.rows.get(before.payment_id)
        if row is None or row.version != before.version:
            raise VersionConflictError
        self.rows[before.payment_id] = super()._write(before, after)
        self.records += 1
        return after

    def find_by_intent(self, payment_intent_id: str) -> Payment | None:
        found = (row for row in self.rows.values() if row.payment_intent_id == payment_intent_id)
        return next(found, None)

    def list_open(
        self,
        *,
        in_doubt: bool,
        since: str | None = None,
        until: str,
        page: int = 500,  # noqa: ARG002
    ) -> list[Iterator[OpenPayment]]:
        entries = sorted(
            OpenPayment(row.updated_at, row.payment_id, row.user_id)
            for row in self.rows.values()
            if row.has_work_left
            and row.is_in_doubt == in_doubt
            and not row.only_holds
            and (since or "") <= row.updated_at <= until
        )
        return [iter(entries[::2]), iter(entries[1::2])]

    def list_run_out(self, *, since: str | None = None, until: str) -> list[Iterator[OpenPayment]]:
        entries = sorted(
            OpenPayment(row.updated_at, row.payment_id, row.user_id)
            for row in self.rows.values()
            if row.has_work_left
            and row.only_holds
            and (row.capture_before or "") <= now()
            and (since or "") <= row.updated_at <= until
        )
        return [iter(entries)]

    def list_written(self, *, since: str, cursor: str | None) -> Page[PaymentChange]:
        ids = sorted({*self.rows, *self.unreadable})
        page = page_of(ids, ids, 1, cursor)
        return Page(
            [self._change(each) for each in page.items if self._is_new(each, since)],
            page.next_cursor,
        )

    def _is_new(self, payment_id: str, since: str) -> bool:
        return payment_id in self.unreadable or self.rows[payment_id].updated_at >= since

    def _change(self, payment_id: str) -> PaymentChange:
        payment = self.rows.get(payment_id)
        return PaymentChange(payment_id, None, payment, self.unreadable.get(payment_id, ""))


class FakeRefunds(RefundsRepository):
    """The Refunds table: a refund and its payment are written together, or not at all."""

    def __init__(self, payments: PaymentsRepository) -> None:
        assert isinstance(payments, FakePayments)
        super().__init__(cast("AwsClient", None), "refunds", payments=payments)
        self.fake = payments
        self.rows: dict[tuple[str, str], RequestedRefund] = {}

    def load(self, payment_id: str, refund_id: str) -> tuple[Payment, RequestedRefund | None]:
        return self.fake.get(payment_id), self.rows.get((payment_id, refund_id))

    def list_for_payment(self, payment_id: str) -> list[RequestedRefund]:
        return [row for row in self.rows.values() if row.payment_id == payment_id]

    def add(self, refund: RequestedRefund, payment: Payment) -> Payment:
        request = RefundRequest(refund.refund_id, refund.amount, refund.actor)
        if (refund.payment_id, refund.refund_id) in self.rows:
            raise VersionConflictError
        after = self.fake._write(payment, payment.with_refund_request(request))
        self.rows[refund.payment_id, refund.refund_id] = refund
        return after

    def refuse(
        self, refund: RequestedRefund, payment: Payment, *, why: str, by: str, actor: str
    ) -> Payment:
        after = payment.without_refund_request(refund.refund_id, by=by, actor=actor)
        self.fake._write(payment, after)
        self.rows[refund.payment_id, refund.refund_id] = replace(refund, refused=why)
        return after

    def next_key_generation(self, refund: RequestedRefund) -> RequestedRefund:
        there = self.rows[refund.payment_id, refund.refund_id]
        if there.key_generation != refund.key_generation:
            raise VersionConflictError
        later = replace(there, key_generation=there.key_generation + 1)
        self.rows[refund.payment_id, refund.refund_id] = later
        return later


class FakePaymentInputs(PaymentInputsRepository):
    """One read over the three fakes."""

    def __init__(
        self, *, customers: FakeCustomers, products: FakeProducts, payments: FakePayments
    ) -> None:
        self._fakes = (customers, products, payments)
        self.customers = customers

    def load(self, *, user_id: str, product_ids: Sequence[str], payment_id: str) -> PaymentInputs:
        customers, products, payments = self._fakes
        return PaymentInputs(
            customer=customers.find_row(user_id),
            products={each: products.rows[each] for each in product_ids if each in products.rows},
            payment=payments.rows.get(payment_id),
        )

    def load_owned(
        self, payment_id: str, *, user_id: str, livemode: bool
    ) -> tuple[Payment | None, CustomerRow | None]:
        customers, _, payments = self._fakes
        payment = payments.rows.get(payment_id)
        if payment and not payment.belongs_to(user_id, livemode=livemode):
            payment = None
        return payment, customers.find_row(user_id)


class FakeLimits(LimitsRepository):
    """The Limits table, in memory."""

    def __init__(self, payments: "FakePayments | None" = None) -> None:
        self.people: dict[str, dict[str, dict[str, int]]] = {}
        self.networks: Counter[tuple[str, str, int]] = Counter()
        self.people_of_cards: dict[tuple[str, int], set[str]] = {}
        self.payments = payments
        self.is_unavailable = False
        self.calls: list[str] = []

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.is_unavailable:
            raise ServiceUnavailableError

    def add(self, user_id: str, kind: str, entry_id: str, *, at: int) -> Tries:
        self._called("add")
        tried = self.people.setdefault(user_id, {}).setdefault(kind, {})
        tried[entry_id] = min(at, tried.get(entry_id, at))
        return Tries(**{each: dict(ids) for each, ids in self.people[user_id].items()})

    def remove(self, user_id: str, entries: Mapping[str, Collection[str]]) -> None:
        for kind, each in entries.items():
            for entry in each:
                self._called("remove")
                entry_id, _, at = entry.rpartition("@")
                if self.people[user_id].get(kind, {}).get(entry_id) == int(at):
                    del self.people[user_id][kind][entry_id]

    def add_decline(self, user_id: str, entry_id: str, *, network: str | None, at: int) -> None:
        self.add(user_id, "declines", entry_id, at=at)
        if network:
            self.networks[network, "declines", at // HOUR] += 1

    def declines_at(self, network: str, *, at: int) -> int:
        self._called("declines_at")
        return self.networks[network, "declines", at // HOUR]

    def add_sign_up(self, network: str, *, at: int) -> int:
        self._called("add_sign_up")
        self.networks[network, "signups", at // HOUR] += 1
        return self.networks[network, "signups", at // HOUR]

    def add_card(self, user_id: str, card_id: str, *, attempt: str | None, at: int) -> None:
        self.add(user_id, "cards", card_id, at=at)
        if attempt:
            self.remove(user_id, {"attempts": [attempt]})

    def add_person_of_card(self, fingerprint: str, user_id: str, *, most: int, at: int) -> bool:
        self._called("add_person_of_card")
        people = self.people_of_cards.setdefault((fingerprint, at // DAY), set())
        if user_id not in people and len(people) >= most:
            return False
        people.add(user_id)
        return True

    def statuses(self, payment_ids: Sequence[str]) -> Mapping[str, str]:
        self._called("statuses")
        rows = self.payments.rows if self.payments else {}
        return {each: rows[each].status for each in payment_ids if each in rows}


class FakeBookmarks(BookmarksRepository):
    """The Bookmarks table."""

    def __init__(self) -> None:
        self.rows: dict[str, Item] = {}

    def load(self, name: str) -> Item:
        return dict(self.rows.get(name, {}))

    def save(self, name: str, **position: object) -> None:
        given = {key: value for key, value in position.items() if value is not None}
        self.rows[name] = {"name": name, **given}


class FakeEventBus(EventBus):
    """A bus that keeps what is put on it and refuses the lines in `poisoned`, such as `pay_1-2`."""

    def __init__(self) -> None:
        self.events: list[PaymentEvent] = []
        self.poisoned: set[str] = set()
        self.fail_next: Exception | None = None

    def publish(self, events: Sequence[PaymentEvent]) -> list[Unpublished]:
        if self.fail_next:
            error, self.fail_next = self.fail_next, None
            raise error
        self.events += [event for event in events if _line(event) not in self.poisoned]
        return [
            Unpublished(event.payment.payment_id, event.line, "MalformedDetail")
            for event in events
            if _line(event) in self.poisoned
        ]

    @property
    def lines(self) -> list[str]:
        """What was published: each line's payment and number."""
        return [_line(event) for event in self.events]


def _line(event: PaymentEvent) -> str:
    return f"{event.payment.payment_id}-{event.line}"


class FakeQueue(UnpublishedQueue):
    """The queue; who receives a message is the only one who does."""

    def __init__(self, *names: Unpublished | HistoryWindow | None) -> None:
        self.messages = list(names)
        self.received: dict[str, Unpublished | HistoryWindow | None] = {}
        self._numbers = count()
        self.fail_next: Exception | None = None

    @property
    def left(self) -> list[Unpublished | HistoryWindow | None]:
        """What is still on the queue, also what somebody has received."""
        return [*self.received.values(), *self.messages]

    def add(self, unpublished: Iterable[Unpublished]) -> None:
        if self.fail_next:
            error, self.fail_next = self.fail_next, None
            raise error
        self.messages += unpublished

    def add_window(self, window: HistoryWindow) -> None:
        self.messages.append(window)

    def receive(self) -> list[QueuedMessage]:
        if not self.messages:
            return []
        number = str(next(self._numbers))
        self.received[number] = self.messages.pop(0)
        return [QueuedMessage(number, number, self.received[number])]

    def delete(self, message: QueuedMessage) -> None:
        del self.received[message.receipt_handle]
