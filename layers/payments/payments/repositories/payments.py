"""The Payments table: each payment is stored before any money moves."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from payments.aws.client import AwsClient
from payments.domain.clock import now
from payments.domain.errors import (
    IdempotencyKeyReusedError,
    PaymentNotFoundError,
    RowUnreadableError,
    VersionConflictError,
)
from payments.domain.order_line import OrderLine
from payments.domain.page import Page
from payments.domain.payment import (
    HOLD_EXPIRED,
    Instruction,
    KeyUse,
    Payment,
    RefundRequest,
    StatusChange,
)
from payments.domain.payment_intent import Dispute, LastPaymentError, PaymentIntent, Refund
from payments.domain.radar import FraudWarning, Review
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
from payments.repositories.row_changes import differences, update_of

MAX_ID_LENGTH = 255  # DynamoDB refuses keys of more than 2048 bytes

BY_USER_INDEX = "by-user"
BY_INTENT_INDEX = "by-payment-intent"
OPEN_INDEX = "open-by-shard"

# Partition of the sparse index `open-by-shard`, set while a payment has work left. A partition of
# DynamoDB takes 1000 writes a second, and a payment with a challenge makes eight: docs/scale.md.
OPEN = "open"
OPEN_SHARDS = 16

# Attributes that only indexes read: the mode, the status within it, and the mode once more where a
# dispute waits for an answer or a decision.
MODE = "mode"
MODE_AND_STATUS = "mode_and_status"
OPEN_DISPUTE = "open_dispute"

_FIELDS = tuple(field.name for field in fields(Payment))

# Stands for a line of the history that lacks something, so that the other lines can be read.
_UNREADABLE_LINE = StatusChange(at="", from_status="", to_status="", by="")
UNREADABLE = (ArithmeticError, AttributeError, KeyError, TypeError, ValueError)


def payment_from_item(item: Item) -> Payment:
    """The payment that a row describes.

    After a rollback the row may be a newer version's: what it has in addition is ignored.

    Raises:
        RowUnreadableError: the row lacks something that every version writes.
    """
    try:
        known = {name: item[name] for name in _FIELDS if name in item}
        if error := item.get("last_payment_error"):
            known["last_payment_error"] = known_part(LastPaymentError, error)
        known["lines"] = tuple(known_part(OrderLine, line) for line in item["lines"])
        known["refund_requests"] = tuple(
            known_part(RefundRequest, request) for request in item.get("refund_requests", ())
        )
        if instruction := item.get("instruction"):
            known["instruction"] = known_part(Instruction, instruction)
        known["history"] = tuple(_line(change) for change in item.get("history", ()))
        known["refunds"] = tuple(known_part(Refund, refund) for refund in item.get("refunds", ()))
        if review := item.get("review"):
            known["review"] = known_part(Review, review)
        known["fraud_warnings"] = tuple(
            known_part(FraudWarning, warning) for warning in item.get("fraud_warnings", ())
        )
        known["disputes"] = tuple(
            known_part(Dispute, dispute) for dispute in item.get("disputes", ())
        )
        return Payment(**known)
    except UNREADABLE as error:
        raise RowUnreadableError(reason_of(error)) from error


def key_use_in(item: Item) -> KeyUse | None:
    """What a key was answered with, if the row is one of those and not a payment's."""
    if "same_payment_as" not in item:
        return None
    return KeyUse(item["payment_id"], item["same_payment_as"], item["request_hash"])


def known_part[Part](kind: type[Part], members: Item) -> Part:
    """A part of the row, without the members that a newer version has added."""
    try:
        return kind(**members)
    except TypeError:
        names = kind.__dataclass_fields__  # type: ignore[attr-defined]
        return kind(**{name: value for name, value in members.items() if name in names})


def _line(members: Item) -> StatusChange:
    try:
        change = known_part(StatusChange, members)
    except UNREADABLE:
        return _UNREADABLE_LINE
    told = (change.at, change.from_status, change.to_status, change.by, change.actor)
    return change if all(isinstance(each, str) for each in told) else _UNREADABLE_LINE


def reason_of(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


@dataclass(frozen=True, slots=True, order=True)
class OpenPayment:
    """An entry of the sparse index. They are in the order of their last write."""

    updated_at: str
    payment_id: str
    user_id: str


# The kinds of open payments: money may be on its way, or is held, or the person is to pay.
_IN_DOUBT, _HELD, _WAITING = "in-doubt", "held", "waiting"


def _partition(kind: str, shard: int) -> str:
    return f"{kind}-{shard:02}"


def _partition_of(payment: Payment) -> str:
    shard = hashlib.sha256(payment.payment_id.encode()).digest()[0] % OPEN_SHARDS
    kind = _HELD if payment.only_holds else _IN_DOUBT if payment.is_in_doubt else _WAITING
    return _partition(kind, shard)


def mode_of(livemode: bool) -> str:
    """The mode, as the indexes have it."""
    return "live" if livemode else "test"


def mode_and_status(livemode: bool, status: str) -> str:
    """The mode and a status, as the index has it."""
    return f"{mode_of(livemode)}:{status}"


def _index_keys_of(payment: Payment) -> dict[str, str | None]:
    """The attributes that only indexes read; a payment without one is not in that index."""
    mode = mode_of(payment.livemode)
    return {
        OPEN: _partition_of(payment) if payment.has_work_left else None,
        MODE: mode,
        MODE_AND_STATUS: mode_and_status(payment.livemode, payment.status),
        OPEN_DISPUTE: mode if payment.has_open_dispute else None,
    }


class PaymentsRepository:
    """Rows of the Payments table. `version` grows by one with each write."""

    def __init__(self, client: AwsClient, table: str, *, orders: str) -> None:
        self._client = client
        self.table = self._table = table
        self._orders = orders

    def add_pending(self, payment: Payment) -> Payment:
        """Store the payment before any money moves; a replay gets the stored row.

        Raises:
            IdempotencyKeyReusedError: its key was answered with an order's payment.
        """
        try:
            call(
                self._client,
                "put_item",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **self.put_pending(payment)["Put"],
            )
        except ConditionFailedError as error:
            if error.item is None:
                raise
            if key_use_in(error.item):
                raise IdempotencyKeyReusedError from None
            return payment_from_item(error.item)
        return payment

    def put_pending(self, payment: Payment) -> Mapping[str, Any]:
        """The write that stores a payment, for a transaction: there is one row for each id."""
        return {
            "Put": {
                "TableName": self._table,
                "Item": to_wire(asdict(payment) | _index_keys_of(payment) | {"form": ROW_FORM}),
                "ConditionExpression": "attribute_not_exists(payment_id)",
            }
        }

    def put_key_use(self, use: KeyUse) -> Mapping[str, Any]:
        """The write that stores what a key was answered with, for a transaction.

        Its row is among the payments, so that a key is used for one thing only. It has none of the
        attributes that indexes and the stream look at.
        """
        row = {
            "payment_id": use.key_id,
            "same_payment_as": use.same_payment_as,
            "request_hash": use.request_hash,
            "form": ROW_FORM,
        }
        return {
            "Put": {
                "TableName": self._table,
                "Item": to_wire(row),
                "ConditionExpression": "attribute_not_exists(payment_id)",
            }
        }

    def add_key_use(self, use: KeyUse) -> KeyUse:
        """Store what a key is answered with, or return what it was answered with before.

        Raises:
            IdempotencyKeyReusedError: the key has a payment of its own.
        """
        try:
            call(
                self._client,
                "put_item",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **self.put_key_use(use)["Put"],
            )
        except ConditionFailedError as error:
            stored = key_use_in(error.item or {})
            if stored is None:
                raise IdempotencyKeyReusedError from None
            return stored
        return use

    def get(self, payment_id: str) -> Payment:
        """The payment, as it was last written.

        Raises:
            PaymentNotFoundError: there is none.
        """
        response = call(
            self._client,
            "get_item",
            TableName=self._table,
            Key=to_wire({"payment_id": payment_id}),
            ConsistentRead=True,
        )
        item = from_wire(response.get("Item") or {})
        if not item or key_use_in(item):
            raise PaymentNotFoundError
        return payment_from_item(item)

    def list_for_user(self, user_id: str, *, limit: int, cursor: str | None) -> Page[Payment]:
        """The person's payments, newest first.

        Raises:
            ValidationError: the cursor is not valid.
        """
        return self._page(
            payment_from_item,
            cursor=Cursor("user_id", user_id, "created_at", cursor),
            IndexName=BY_USER_INDEX,
            KeyConditionExpression="user_id = :user_id",
            ExpressionAttributeValues=to_wire({":user_id": user_id}),
            ScanIndexForward=False,
            Limit=limit,
        )

    def list_open_for_user(self, user_id: str) -> list[Payment]:
        """The person's payments that have work left, newest first.

        The index is a moment behind the table.
        """
        pages = query_pages(
            self._client,
            TableName=self._table,
            IndexName=BY_USER_INDEX,
            KeyConditionExpression="user_id = :user_id",
            FilterExpression="attribute_exists(#open)",
            ExpressionAttributeNames={"#open": OPEN},  # a reserved word
            ExpressionAttributeValues=to_wire({":user_id": user_id}),
            ScanIndexForward=False,
        )
        return [payment_from_item(from_wire(item)) for page in pages for item in page["Items"]]

    def list_open(
        self, *, in_doubt: bool, since: str | None = None, until: str, page: int = 500
    ) -> list[Iterator[OpenPayment]]:
        """Open payments that were last written to in this time: for each shard, oldest write first.

        `in_doubt` tells which of them: those that are, or those that only wait for the person.
        DynamoDB is asked for a page when it is needed.
        """
        kind = _IN_DOUBT if in_doubt else _WAITING
        partitions = (_partition(kind, shard) for shard in range(OPEN_SHARDS))
        return [self._list_open(each, since or "0", until, page) for each in partitions]

    def list_run_out(self, *, since: str | None = None, until: str) -> list[Iterator[OpenPayment]]:
        """Payments whose money is held, for longer than the bank does by now: for each shard.

        Those that were last written to in this time, oldest write first.
        """
        run_out = {
            "FilterExpression": "attribute_not_exists(capture_before) OR capture_before <= :now",
        }
        partitions = (_partition(_HELD, shard) for shard in range(OPEN_SHARDS))
        return [
            self._list_open(each, since or "0", until, 500, values={":now": now()}, **run_out)
            for each in partitions
        ]

    def _list_open(
        self,
        partition: str,
        since: str,
        until: str,
        page: int,
        *,
        values: Mapping[str, str] | None = None,
        **query: str,
    ) -> Iterator[OpenPayment]:
        if since > until:
            return  # DynamoDB would refuse it
        pages = query_pages(
            self._client,
            TableName=self._table,
            IndexName=OPEN_INDEX,
            KeyConditionExpression="#open = :open AND updated_at BETWEEN :since AND :until",
            ExpressionAttributeNames={"#open": OPEN},  # a reserved word
            ExpressionAttributeValues=to_wire(
                {":open": partition, ":since": since, ":until": until, **(values or {})}
            ),
            Limit=page,
            **query,
        )
        for answer in pages:
            for item in map(from_wire, answer["Items"]):
                yield OpenPayment(item["updated_at"], item["payment_id"], item["user_id"])

    def _page[Found](
        self, found: Callable[[Item], Found], *, cursor: Cursor, **query: object
    ) -> Page[Found]:
        start = {"ExclusiveStartKey": to_wire(cursor.key())} if cursor.position else {}
        response = call(self._client, "query", TableName=self._table, **query, **start)
        last_key = response.get("LastEvaluatedKey")
        return Page(
            items=[found(from_wire(item)) for item in response["Items"]],
            next_cursor=cursor.after(from_wire(last_key)) if last_key else None,
        )

    def find_by_intent(self, payment_intent_id: str) -> Payment | None:
        """The payment with this PaymentIntent, as it was last written, if there is one.

        The index is a moment behind the table.
        """
        response = call(
            self._client,
            "query",
            TableName=self._table,
            IndexName=BY_INTENT_INDEX,
            KeyConditionExpression="payment_intent_id = :intent",
            ExpressionAttributeValues=to_wire({":intent": payment_intent_id}),
            Limit=1,
        )
        items = [from_wire(item) for item in response["Items"]]
        return self.get(items[0]["payment_id"]) if items else None

    def record(self, payment: Payment, intent: PaymentIntent, *, by: str, actor: str) -> Payment:
        """Write what Stripe says, unless the row has changed since it was read.

        `by` names the step for the payment's history, `actor` who asked for it.

        Raises:
            VersionConflictError: someone else has written since.
        """
        return self._write(payment, payment.after(intent, by=by, actor=actor))

    def end(
        self, payment: Payment, status: str, error: LastPaymentError, *, by: str, actor: str
    ) -> Payment:
        """Write an end of our own making, unless the row has changed since it was read.

        Raises:
            VersionConflictError: someone else has written since.
        """
        return self._write(payment, payment.ended(status, error, by=by, actor=actor))

    def next_key_generation(self, payment: Payment) -> Payment:
        """Store that Stripe is asked under another idempotency key from now on.

        Raises:
            VersionConflictError: someone else has written since.
        """
        later = replace(
            payment,
            key_generation=payment.key_generation + 1,
            version=payment.version + 1,
            updated_at=now(),
        )
        return self._write(payment, later)

    def set_instruction(self, payment: Payment, instruction: Instruction | None) -> Payment:
        """Store what Stripe is to be asked to do with the payment; None: nothing more.

        Raises:
            VersionConflictError: someone else has written since.
        """
        return self._write(payment, payment.with_instruction(instruction))

    def set_replaced_card(self, payment: Payment, payment_method_id: str | None) -> Payment:
        """Store which card is to be detached once the payment is over; None if none is any more.

        Raises:
            VersionConflictError: someone else has written since.
        """
        after = replace(payment, replaced_card=payment_method_id, version=payment.version + 1)
        return self._write(payment, after)

    def update_of(self, before: Payment, after: Payment) -> dict[str, Any]:
        """The update that writes what differs, on condition that nobody has written meanwhile."""
        changes = dict(differences(asdict(before), asdict(after)))
        was, is_now = _index_keys_of(before), _index_keys_of(after)
        changes |= {(name,): value for name, value in is_now.items() if value != was[name]}
        changes[(OPEN,)] = is_now[OPEN]
        expression, names, values = update_of(changes)
        return {
            "TableName": self._table,
            "Key": to_wire({"payment_id": before.payment_id}),
            "UpdateExpression": expression,
            "ConditionExpression": "version = :read",  # nobody has written since it was read
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": to_wire(values | {":read": before.version}),
        }

    def _write(self, before: Payment, after: Payment) -> Payment:
        update = self.update_of(before, after)
        end = _end_of_order(before, after)
        try:
            if end is None:
                call(self._client, "update_item", **update)
            else:  # the order is over with its payment, or neither is
                transact_write(
                    self._client,
                    [{"Update": update}, {"Update": self._update_of_order(after, end)}],
                )
        except (ConditionFailedError, TransactionCanceledError) as error:
            raise VersionConflictError from error
        return after

    def _update_of_order(self, payment: Payment, end: str) -> dict[str, Any]:
        """The update that writes when a payment's order came to this end."""
        return {
            "TableName": self._orders,
            "Key": to_wire({"order_id": payment.order_id}),
            "UpdateExpression": f"SET {end} = if_not_exists({end}, :at), updated_at = :at",
            "ExpressionAttributeValues": to_wire({":at": payment.updated_at}),
        }


def _end_of_order(before: Payment, after: Payment) -> str | None:
    """The time in the order's row that this write of its payment sets, if any."""
    if after.order_id is None or before.status == after.status:
        return None
    if after.status == "succeeded":
        return "paid_at"
    if before.status == "requires_capture" and after.history[-1].to_status == HOLD_EXPIRED:
        return "hold_expired_at"
    return None
