"""The Orders table, and the writes that go over an order and its payment as one."""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from payments.aws.client import AwsClient
from payments.domain.clock import now
from payments.domain.errors import OrderNotFoundError, VersionConflictError
from payments.domain.order import CANCELED, EXPIRED, OPEN, PAID, Order
from payments.domain.order_line import OrderLine
from payments.domain.order_search import OrderSearch
from payments.domain.page import Page
from payments.domain.payment import KeyUse, Payment
from payments.repositories.cursors import Cursor
from payments.repositories.dynamodb import (
    ROW_FORM,
    ConditionFailedError,
    Item,
    TransactionCanceledError,
    call,
    from_wire,
    query_pages,
    to_wire,
    transact_write,
)
from payments.repositories.payments import MODE, PaymentsRepository, known_part, mode_of
from payments.repositories.search import Filter, Rows, search

BY_USER_INDEX = "by-user"
BY_REFERENCE_INDEX = "by-order-reference"
BY_MODE_INDEX = "by-mode"

_FIELDS = frozenset(field.name for field in fields(Order))

# What rows of a status have. The times tell it: see Order.status.
_HAS_STATUS = {
    PAID: "attribute_exists(paid_at) AND attribute_not_exists(canceled_at)",
    CANCELED: "attribute_exists(canceled_at)",
    EXPIRED: (
        "attribute_not_exists(canceled_at) AND attribute_not_exists(paid_at)"
        " AND (attribute_exists(hold_expired_at) OR expires_at <= :now)"
    ),
    OPEN: (
        "attribute_not_exists(canceled_at) AND attribute_not_exists(paid_at)"
        " AND attribute_not_exists(hold_expired_at) AND expires_at > :now"
    ),
}


def order_from_item(item: Item) -> Order:
    """The order that a row describes."""
    known = {name: value for name, value in item.items() if name in _FIELDS}
    return Order(**known | {"lines": tuple(known_part(OrderLine, line) for line in item["lines"])})


class OrdersRepository:
    """Rows of the Orders table. `version` grows by one with each write that needs it."""

    def __init__(self, client: AwsClient, table: str, *, payments: PaymentsRepository) -> None:
        self._client = client
        self._table = table
        self._payments = payments

    def add(self, order: Order) -> Order:
        """Store the order; a replay gets the stored row."""
        try:
            call(
                self._client,
                "put_item",
                TableName=self._table,
                Item=to_wire(asdict(order) | {MODE: mode_of(order.livemode), "form": ROW_FORM}),
                ConditionExpression="attribute_not_exists(order_id)",  # one row per key
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ConditionFailedError as error:
            if error.item is None:
                raise
            return order_from_item(error.item)
        return order

    def get(self, order_id: str) -> Order:
        """The order, as it was last written.

        Raises:
            OrderNotFoundError: there is none.
        """
        response = call(
            self._client,
            "get_item",
            TableName=self._table,
            Key=to_wire({"order_id": order_id}),
            ConsistentRead=True,
        )
        if "Item" not in response:
            raise OrderNotFoundError
        return order_from_item(from_wire(response["Item"]))

    def find_by_id(self, order_id: str) -> Order | None:
        """The order, or None if there is none."""
        try:
            return self.get(order_id)
        except OrderNotFoundError:
            return None

    def find(self, wanted: OrderSearch, *, limit: int, cursor: str | None) -> Page[Order]:
        """A page of what is looked for, newest first. It may be short and have a next one.

        Raises:
            ValidationError: the cursor is not valid.
        """
        index, key, value = _index_for(wanted)
        return search(
            self._client,
            table=self._table,
            index=index,
            position=Cursor(key, value, "created_at", cursor, id_key="order_id"),
            having=_filter_for(wanted, index),
            limit=limit,
            read=_orders_in,
        )

    def list_for_user(self, user_id: str, *, limit: int, cursor: str | None) -> Page[Order]:
        """The person's orders, newest first.

        Raises:
            ValidationError: the cursor is not valid.
        """
        return search(
            self._client,
            table=self._table,
            index=BY_USER_INDEX,
            position=Cursor("user_id", user_id, "created_at", cursor, id_key="order_id"),
            having=Filter(),
            limit=limit,
            read=_orders_in,
        )

    def start_payment(self, order: Order, payment: Payment, *, key: KeyUse) -> None:
        """Store the order's next payment, that it has it, and what a key was answered with.

        Raises:
            VersionConflictError: someone else has written since, or the key is in use.
        """
        writes = [
            {
                "Update": {
                    "TableName": self._table,
                    "Key": to_wire({"order_id": order.order_id}),
                    "UpdateExpression": (
                        "SET payment_id = :payment, payment_generation = :generation,"
                        " version = :next, updated_at = :now"
                    ),
                    "ConditionExpression": "version = :read AND attribute_not_exists(paid_at)",
                    "ExpressionAttributeValues": to_wire(
                        {
                            ":payment": payment.payment_id,
                            ":generation": order.payment_generation + 1,
                            ":read": order.version,
                            ":next": order.version + 1,
                            ":now": now(),
                        }
                    ),
                }
            },
            self._payments.put_pending(payment),
            self._payments.put_key_use(key),
        ]
        self._transact(writes)

    def cancel(self, order: Order, payment: Payment | None) -> tuple[Order, Payment | None]:
        """Cancel an order that is not paid, and tell its payment.

        Raises:
            VersionConflictError: someone else has written since, or it is paid.
        """
        at = now()
        canceled = replace(order, canceled_at=at, updated_at=at, version=order.version + 1)
        writes: list[Mapping[str, Any]] = [
            {
                "Update": {
                    "TableName": self._table,
                    "Key": to_wire({"order_id": order.order_id}),
                    "UpdateExpression": (
                        "SET canceled_at = :now, version = :next, updated_at = :now"
                    ),
                    "ConditionExpression": "version = :read AND attribute_not_exists(paid_at)",
                    "ExpressionAttributeValues": to_wire(
                        {":read": order.version, ":next": canceled.version, ":now": at}
                    ),
                }
            }
        ]
        closed = None
        if payment:
            closed = replace(payment, order_closed=CANCELED, version=payment.version + 1)
            writes.append({"Update": self._payments.update_of(payment, closed)})
        self._transact(writes)
        return canceled, closed

    def forget_person(self, user_id: str) -> None:
        """Remove name, address and email from a person's orders. Harmless twice."""
        pages = query_pages(
            self._client,
            TableName=self._table,
            IndexName=BY_USER_INDEX,
            KeyConditionExpression="user_id = :user_id",
            ExpressionAttributeValues=to_wire({":user_id": user_id}),
        )
        for page in pages:
            for item in page["Items"]:
                call(
                    self._client,
                    "update_item",
                    TableName=self._table,
                    Key={"order_id": item["order_id"]},
                    UpdateExpression="REMOVE shipping, receipt_email, metadata",
                    ConditionExpression="attribute_exists(order_id)",
                )

    def _transact(self, writes: list[Mapping[str, Any]]) -> None:
        try:
            transact_write(self._client, writes)
        except TransactionCanceledError as error:
            raise VersionConflictError from error


def _orders_in(rows: Rows) -> list[Order]:
    return [order_from_item(from_wire(row)) for row in rows]


def _index_for(wanted: OrderSearch) -> tuple[str, str, str]:
    """The index that leaves least to filter, its key, and the value to look for."""
    if wanted.order_reference is not None:
        return BY_REFERENCE_INDEX, "order_reference", wanted.order_reference
    if wanted.user_id is not None:
        return BY_USER_INDEX, "user_id", wanted.user_id
    return BY_MODE_INDEX, MODE, mode_of(wanted.livemode)


def _filter_for(wanted: OrderSearch, index: str) -> Filter:
    """What the rows of an index must have besides its key."""
    having = Filter(wanted.since, wanted.until)
    if index != BY_MODE_INDEX:  # a key of the index cannot be filtered by
        having.equal(MODE, mode_of(wanted.livemode))
    if index == BY_REFERENCE_INDEX and wanted.user_id is not None:
        having.equal("user_id", wanted.user_id)
    if wanted.status is not None:
        having.conditions.append(f"({_HAS_STATUS[wanted.status]})")
        if ":now" in _HAS_STATUS[wanted.status]:
            having.values[":now"] = now()
    return having
