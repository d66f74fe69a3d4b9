"""The Payments table: each payment is stored before any money moves."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from payments.aws.client import AwsClient
from payments.domain.clock import now
from payments.domain.errors import (
    PaymentNotFoundError,
    RowUnreadableError,
    VersionConflictError,
)
from payments.domain.order_line import OrderLine
from payments.domain.page import Page
from payments.domain.payment import Payment, RefundRequest, StatusChange
from payments.domain.payment_intent import Dispute, LastPaymentError, PaymentIntent, Refund
from payments.repositories.cursors import Cursor
from payments.repositories.dynamodb import (
    ConditionFailedError,
    Item,
    call,
    from_wire,
    to_wire,
)

MAX_ID_LENGTH = 255  # DynamoDB refuses keys of more than 2048 bytes

BY_USER_INDEX = "by-user"
BY_INTENT_INDEX = "by-payment-intent"
OPEN_INDEX = "open-by-shard"

# Partition of the sparse index `open-by-shard`, set while a payment has work left. A partition of
# DynamoDB takes 1000 writes a second, and a payment with a challenge makes eight: docs/scale.md.
OPEN = "open"

# Attributes that only indexes read: the mode, the status within it, and the mode once more where a
# dispute waits for an answer or a decision.
MODE = "mode"
MODE_AND_STATUS = "mode_and_status"
OPEN_DISPUTE = "open_dispute"
OPEN_SHARDS = 16

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
            known["last_payment_error"] = _known(LastPaymentError, error)
        known["lines"] = tuple(_known(OrderLine, line) for line in item["lines"])
        known["refund_requests"] = tuple(
            _known(RefundRequest, request) for request in item.get("refund_requests", ())
        )
        known["history"] = tuple(_line(change) for change in item.get("history", ()))
        known["refunds"] = tuple(_known(Refund, refund) for refund in item.get("refunds", ()))
        known["disputes"] = tuple(_known(Dispute, dispute) for dispute in item.get("disputes", ()))
        return Payment(**known)
    except UNREADABLE as error:
        raise RowUnreadableError(reason_of(error)) from error


def _known[Part](kind: type[Part], members: Item) -> Part:
    """A part of the row, without the members that a newer version has added."""
    try:
        return kind(**members)
    except TypeError:
        names = kind.__dataclass_fields__  # type: ignore[attr-defined]
        return kind(**{name: value for name, value in members.items() if name in names})


def _line(members: Item) -> StatusChange:
    try:
        change = _known(StatusChange, members)
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


def _partition(shard: int, *, in_doubt: bool) -> str:
    return f"{'in-doubt' if in_doubt else 'waiting'}-{shard:02}"


def _partition_of(payment: Payment) -> str:
    shard = hashlib.sha256(payment.payment_id.encode()).digest()[0] % OPEN_SHARDS
    return _partition(shard, in_doubt=payment.is_in_doubt)


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

    def __init__(self, client: AwsClient, table: str) -> None:
        self._client = client
        self._table = table

    def add_pending(self, payment: Payment) -> Payment:
        """Store the payment before any money moves; a replay gets the stored row."""
        try:
            call(
                self._client,
                "put_item",
                TableName=self._table,
                Item=to_wire(asdict(payment) | _index_keys_of(payment)),
                ConditionExpression="attribute_not_exists(payment_id)",  # one row per key
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ConditionFailedError as error:
            if error.item is None:
                raise
            return payment_from_item(error.item)
        return payment

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
        if "Item" not in response:
            raise PaymentNotFoundError
        return payment_from_item(from_wire(response["Item"]))

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
        found: list[Payment] = []
        start: Mapping[str, Any] = {}
        while True:
            response = call(
                self._client,
                "query",
                TableName=self._table,
                IndexName=BY_USER_INDEX,
                KeyConditionExpression="user_id = :user_id",
                FilterExpression="attribute_exists(#open)",
                ExpressionAttributeNames={"#open": OPEN},  # a reserved word
                ExpressionAttributeValues=to_wire({":user_id": user_id}),
                ScanIndexForward=False,
                **start,
            )
            found += [payment_from_item(from_wire(item)) for item in response["Items"]]
            if "LastEvaluatedKey" not in response:
                return found
            start = {"ExclusiveStartKey": response["LastEvaluatedKey"]}

    def list_open(
        self, *, in_doubt: bool, since: str | None = None, until: str, page: int = 500
    ) -> list[Iterator[OpenPayment]]:
        """Open payments that were last written to in this time: for each shard, oldest write first.

        `in_doubt` tells which of them: those that are, or those that only wait for the person.
        DynamoDB is asked for a page when it is needed.
        """
        partitions = (_partition(shard, in_doubt=in_doubt) for shard in range(OPEN_SHARDS))
        return [self._list_open(each, since or "0", until, page) for each in partitions]

    def _list_open(
        self, partition: str, since: str, until: str, page: int
    ) -> Iterator[OpenPayment]:
        start: Mapping[str, Any] = {}
        while since <= until:  # DynamoDB would refuse anything else
            response = call(
                self._client,
                "query",
                TableName=self._table,
                IndexName=OPEN_INDEX,
                KeyConditionExpression="#open = :open AND updated_at BETWEEN :since AND :until",
                ExpressionAttributeNames={"#open": OPEN},  # a reserved word
                ExpressionAttributeValues=to_wire(
                    {":open": partition, ":since": since, ":until": until}
                ),
                Limit=page,
                **start,
            )
            for item in map(from_wire, response["Items"]):
                yield OpenPayment(item["updated_at"], item["payment_id"], item["user_id"])
            if "LastEvaluatedKey" not in response:
                return
            start = {"ExclusiveStartKey": response["LastEvaluatedKey"]}

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

    def set_replaced_card(self, payment: Payment, payment_method_id: str | None) -> Payment:
        """Store which card is to be detached once the payment is over; None if none is any more.

        Raises:
            VersionConflictError: someone else has written since.
        """
        after = replace(payment, replaced_card=payment_method_id, version=payment.version + 1)
        return self._write(payment, after)

    def _write(self, before: Payment, after: Payment) -> Payment:
        changes = dict(_differences(asdict(before), asdict(after)))
        was, is_now = _index_keys_of(before), _index_keys_of(after)
        changes |= {(name,): value for name, value in is_now.items() if value != was[name]}
        changes[(OPEN,)] = is_now[OPEN]
        expression, names, values = _update_of(changes)
        try:
            call(
                self._client,
                "update_item",
                TableName=self._table,
                Key=to_wire({"payment_id": before.payment_id}),
                UpdateExpression=expression,
                ConditionExpression="version = :read",  # nobody has written since it was read
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=to_wire(values | {":read": before.version}),
            )
        except ConditionFailedError as error:
            raise VersionConflictError from error
        return after


type _Path = tuple[str | int, ...]


def _differences(was: Item, is_now: Item) -> Iterator[tuple[_Path, object]]:
    """What to write, by its path in the row.

    In a list of parts (history, refunds, disputes), only the members that differ are written: what
    a newer version has added to the parts stays, and so do its attributes.
    """
    for name, value in is_now.items():
        before = was[name]
        if value == before:
            continue
        if not (before and isinstance(value, tuple)):
            yield (name,), value
            continue
        for index, part in enumerate(value):
            if index >= len(before) or _id_of(part) != _id_of(before[index]):
                yield (name, index), part
            else:
                for member, content in part.items():
                    if content != before[index][member]:
                        yield (name, index, member), content
        for index in range(len(value), len(before)):
            yield (name, index), None


def _id_of(part: Item) -> object:
    """Tells parts of a list apart: the id of a refund or dispute, the time of a line."""
    return next(iter(part.values()))


def _update_of(changes: Mapping[_Path, object]) -> tuple[str, dict[str, str], Item]:
    """An update expression that sets what has a value and removes what has none."""
    names = {f"#{key}": key for path in changes for key in path if isinstance(key, str)}
    to_set, to_remove, values = [], [], {}
    for path, value in changes.items():
        at = "".join(f"[{key}]" if isinstance(key, int) else f".#{key}" for key in path)[1:]
        if value is None:
            to_remove.append(at)
        else:
            placeholder = ":" + "_".join(map(str, path))
            to_set.append(f"{at} = {placeholder}")
            values[placeholder] = value
    expression = "SET " + ", ".join(to_set)
    if to_remove:
        expression += " REMOVE " + ", ".join(to_remove)
    return expression, names, values
