"""The tables in memory: the same verbs, conditions and conflicts, but no AWS."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from payments.aws.event_bus import EventBus
from payments.domain.customer import Customer, UnfinishedCustomer
from payments.domain.errors import PaymentNotFoundError, VersionConflictError
from payments.domain.page import Page
from payments.domain.payment import Payment
from payments.domain.payment_event import PaymentEvent
from payments.domain.product import Product
from payments.repositories.bookmarks import BookmarksRepository
from payments.repositories.customers import CustomersRepository
from payments.repositories.dynamodb import Item
from payments.repositories.payment_inputs import PaymentInputs, PaymentInputsRepository
from payments.repositories.payments import OpenPayment, PaymentsRepository
from payments.repositories.products import ProductsRepository
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
        self.before_writes = Interruptions()
        self.fail_next_write: Exception | None = None

    def find(self, user_id: str) -> Customer | None:
        return self.rows.get(user_id)

    def find_row(self, user_id: str) -> Customer | UnfinishedCustomer | None:
        return self.rows.get(user_id) or self.unfinished.get(user_id)

    def add(self, customer: Customer, *, replacing: Customer | None) -> Customer:
        self._write()
        there = self.rows.get(customer.user_id)
        if there is not None and not _is_same(there, replacing):
            return there
        self.unfinished.pop(customer.user_id, None)
        self.rows[customer.user_id] = customer
        return customer

    def move_on(
        self, unfinished: UnfinishedCustomer, *, replacing: Customer | None
    ) -> Customer | UnfinishedCustomer:
        self._write()
        user_id = unfinished.user_id
        customer, there = self.rows.get(user_id), self.unfinished.get(user_id)
        if customer is not None and not _is_same(customer, replacing):
            return customer
        if there is not None and there.key_generation >= unfinished.key_generation:
            return there
        self.rows.pop(user_id, None)
        self.unfinished[user_id] = unfinished
        return unfinished

    def _write(self) -> None:
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


def _is_same(there: Customer, replacing: Customer | None) -> bool:
    return replacing is not None and there.stripe_customer_id == replacing.stripe_customer_id


class FakeProducts(ProductsRepository):
    """The Products table; withdrawn products are not in it."""

    def __init__(self) -> None:
        self.rows: dict[str, Product] = {}

    def put(self, product: Product) -> None:
        """Put a product on sale, or change it."""
        self.rows[product.product_id] = product

    def withdraw(self, product_id: str) -> None:
        """Stop selling it."""
        del self.rows[product_id]

    def list_for_sale(self) -> list[Product]:
        return sorted(self.rows.values(), key=lambda product: product.name)


class FakePayments(PaymentsRepository):
    """The Payments table. The code under test itself decides what a record says."""

    def __init__(self) -> None:
        super().__init__(cast("AwsClient", _AcceptingDynamoDB()), "payments")
        self.rows: dict[str, Payment] = {}
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

    def list_open(self, *, until: str, limit: int, cursor: str | None) -> Page[OpenPayment]:
        open_payments = sorted(
            (row for row in self.rows.values() if not row.is_closed and row.updated_at < until),
            key=lambda payment: payment.updated_at,
        )
        ids = [payment.payment_id for payment in open_payments]
        return page_of([OpenPayment(each, each) for each in ids], ids, limit, cursor)

    def list_written(self, *, since: str, cursor: str | None) -> Page[Payment]:
        ids = sorted(self.rows)
        page = page_of([self.rows[each] for each in ids], ids, 1, cursor)
        return Page([row for row in page.items if row.updated_at >= since], page.next_cursor)


class FakePaymentInputs(PaymentInputsRepository):
    """One read over the three fakes."""

    def __init__(
        self, *, customers: FakeCustomers, products: FakeProducts, payments: FakePayments
    ) -> None:
        self._fakes = (customers, products, payments)

    def load(self, *, user_id: str, product_id: str, payment_id: str) -> PaymentInputs:
        customers, products, payments = self._fakes
        return PaymentInputs(
            customer=customers.rows.get(user_id),
            product=products.rows.get(product_id),
            payment=payments.rows.get(payment_id),
        )


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
    """A bus that keeps what is put on it."""

    def __init__(self) -> None:
        self.events: list[PaymentEvent] = []
        self.fail_next: Exception | None = None

    def publish(self, events: Sequence[PaymentEvent]) -> None:
        if self.fail_next:
            error, self.fail_next = self.fail_next, None
            raise error
        self.events += events
