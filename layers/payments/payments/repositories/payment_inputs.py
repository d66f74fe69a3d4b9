"""What a payment depends on, read from several tables in one call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from payments.aws.client import AwsClient
from payments.domain.customer import CustomerRow
from payments.domain.order import Order
from payments.domain.payment import KeyUse, Payment
from payments.domain.product import Product
from payments.repositories.customers import customer_row_from_item
from payments.repositories.dynamodb import Item, batch_get, from_wire
from payments.repositories.orders import order_from_item
from payments.repositories.payments import MAX_ID_LENGTH, key_use_in, payment_from_item
from payments.repositories.products import products_from_wire


@dataclass(frozen=True, slots=True)
class PaymentInputs:
    """What we know when a person starts a payment; `payment` is set if the request is a replay.

    `products` has those on sale, by their ids.
    """

    customer: CustomerRow | None
    products: Mapping[str, Product]
    payment: Payment | None
    key_use: KeyUse | None = None


@dataclass(frozen=True, slots=True)
class OrderInputs:
    """What we know when a person starts to pay an order.

    `key_use` is set if the request is a replay, `payment` if the key has a payment of its own.
    """

    customer: CustomerRow | None
    order: Order | None
    payment: Payment | None
    key_use: KeyUse | None


class PaymentInputsRepository:
    """One read over the Customers, Products and Payments tables."""

    def __init__(
        self, client: AwsClient, *, customers: str, products: str, payments: str, orders: str
    ) -> None:
        self._client = client
        self._orders = orders
        self._customers = customers
        self._products = products
        self._payments = payments

    def load(self, *, user_id: str, product_ids: Sequence[str], payment_id: str) -> PaymentInputs:
        """Read those of the rows that exist, with strong consistency. No product is named twice.

        Raises:
            ServiceUnavailableError: DynamoDB did not answer for all of them.
        """
        found = batch_get(
            self._client,
            {
                self._customers: [{"user_id": user_id}],
                self._products: [{"product_id": product_id} for product_id in product_ids],
                self._payments: [{"payment_id": payment_id}],
            },
        )
        products = products_from_wire(found[self._products])
        return PaymentInputs(
            customer=_customer_in(found[self._customers]),
            products={product.product_id: product for product in products},
            payment=_payment_in(found[self._payments]),
            key_use=_key_use_in(found[self._payments]),
        )

    def load_order(self, *, user_id: str, order_id: str, key_id: str) -> OrderInputs:
        """Read an order, and what the key was used for, with strong consistency.

        Raises:
            ServiceUnavailableError: DynamoDB did not answer for all of them.
        """
        found = batch_get(
            self._client,
            {
                self._customers: [{"user_id": user_id}],
                self._orders: [{"order_id": order_id}],
                self._payments: [{"payment_id": key_id}],
            },
        )
        orders = found[self._orders]
        return OrderInputs(
            customer=_customer_in(found[self._customers]),
            order=order_from_item(from_wire(orders[0])) if orders else None,
            payment=_payment_in(found[self._payments]),
            key_use=_key_use_in(found[self._payments]),
        )

    def load_owned(
        self, payment_id: str, *, user_id: str, livemode: bool
    ) -> tuple[Payment | None, CustomerRow | None]:
        """The person's payment, made in this mode, and their row, with strong consistency.

        Instead of a payment of someone else, there is none.

        Raises:
            ServiceUnavailableError: DynamoDB did not answer for both.
        """
        keys = {self._customers: [{"user_id": user_id}]}
        if len(payment_id) <= MAX_ID_LENGTH:
            keys[self._payments] = [{"payment_id": payment_id}]
        found = batch_get(self._client, keys)
        payment = _payment_in(found[self._payments])
        if payment and not payment.belongs_to(user_id, livemode=livemode):
            payment = None
        return payment, _customer_in(found[self._customers])


def _customer_in(rows: Sequence[Item]) -> CustomerRow | None:
    return customer_row_from_item(from_wire(rows[0])) if rows else None


def _payment_in(rows: Sequence[Item]) -> Payment | None:
    item = from_wire(rows[0]) if rows else None
    return payment_from_item(item) if item and not key_use_in(item) else None


def _key_use_in(rows: Sequence[Item]) -> KeyUse | None:
    return key_use_in(from_wire(rows[0])) if rows else None
