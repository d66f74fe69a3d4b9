"""The Payments table: each payment is stored before any money moves."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from payments.aws.client import AwsClient
from payments.domain.clock import now
from payments.domain.errors import PaymentNotFoundError, VersionConflictError
from payments.domain.page import Page
from payments.domain.payment import Payment, StatusChange
from payments.domain.payment_intent import Dispute, LastPaymentError, PaymentIntent, Refund
from payments.repositories.cursors import Cursor
from payments.repositories.dynamodb import (
    ConditionFailedError,
    Item,
    call,
    from_wire,
    to_wire,
)

_MAX_ID_LENGTH = 255  # DynamoDB refuses keys of more than 2048 bytes

BY_USER_INDEX = "by-user"
BY_INTENT_INDEX = "by-payment-intent"
OPEN_INDEX = "open-payments"

# Partition of the sparse index `open-payments`, set until a payment is final.
OPEN = "open"

_FIELDS = tuple(field.name for field in fields(Payment))


def payment_from_item(item: Item) -> Payment:
    """The payment that a row describes."""
    known = {name: item[name] for name in _FIELDS if name in item}
    if error := item.get("last_payment_error"):
        known["last_payment_error"] = LastPaymentError(**error)
    known["history"] = tuple(StatusChange(**change) for change in item.get("history", ()))
    known["refunds"] = tuple(Refund(**refund) for refund in item.get("refunds", ()))
    known["disputes"] = tuple(Dispute(**dispute) for dispute in item.get("disputes", ()))
    return Payment(**known)


@dataclass(frozen=True, slots=True)
class OpenPayment:
    """An entry of the sparse index, and the cursor to continue after it."""

    payment_id: str
    cursor: str


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
                Item=to_wire(asdict(payment) | {OPEN: OPEN}),
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

    def get_owned(self, payment_id: str, *, user_id: str, livemode: bool) -> Payment:
        """The payment, if it is this person's and was made in this mode.

        Raises:
            PaymentNotFoundError: there is none, or it is someone else's.
        """
        if len(payment_id) > _MAX_ID_LENGTH:
            raise PaymentNotFoundError
        payment = self.get(payment_id)
        if payment.user_id != user_id or payment.livemode != livemode:
            raise PaymentNotFoundError
        return payment

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

    def list_open(self, *, until: str, limit: int, cursor: str | None) -> Page[OpenPayment]:
        """Open payments that nobody has written to since `until`, oldest write first.

        Raises:
            ValidationError: the cursor is not valid.
        """
        position = Cursor(OPEN, OPEN, "updated_at", cursor)
        return self._page(
            lambda item: OpenPayment(item["payment_id"], position.after(item)),
            cursor=position,
            IndexName=OPEN_INDEX,
            KeyConditionExpression="#open = :open AND updated_at < :until",
            ExpressionAttributeNames={"#open": OPEN},  # a reserved word
            ExpressionAttributeValues=to_wire({":open": OPEN, ":until": until}),
            Limit=limit,
        )

    def list_written(self, *, since: str, cursor: str | None) -> Page[Payment]:
        """A page of the payments written since then, in no particular order. Scans the table.

        `cursor` is the id of the last payment read.
        """
        start = {"ExclusiveStartKey": to_wire({"payment_id": cursor})} if cursor else {}
        response = call(
            self._client,
            "scan",
            TableName=self._table,
            FilterExpression="updated_at >= :since",
            ExpressionAttributeValues=to_wire({":since": since}),
            **start,
        )
        last_key = response.get("LastEvaluatedKey")
        return Page(
            items=[payment_from_item(from_wire(item)) for item in response["Items"]],
            next_cursor=from_wire(last_key)["payment_id"] if last_key else None,
        )

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

    def record(self, payment: Payment, intent: PaymentIntent, *, by: str) -> Payment:
        """Write what Stripe says, unless the row has changed since it was read.

        `by` names the step for the payment's history.

        Raises:
            VersionConflictError: someone else has written since.
        """
        return self._write(payment, payment.after(intent, by=by))

    def end(self, payment: Payment, status: str, error: LastPaymentError, *, by: str) -> Payment:
        """Write an end of our own making, unless the row has changed since it was read.

        Raises:
            VersionConflictError: someone else has written since.
        """
        return self._write(payment, payment.ended(status, error, by=by))

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

    def _write(self, before: Payment, after: Payment) -> Payment:
        was, is_now = asdict(before), asdict(after)
        changes = {name: value for name, value in is_now.items() if value != was[name]}
        changes[OPEN] = None if after.is_closed else OPEN
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

    def changes_in(self, stream_event: Mapping[str, Any]) -> list[tuple[Payment | None, Payment]]:
        """The writes in an event from the table's stream: each payment before and after."""
        images = [record["dynamodb"] for record in stream_event["Records"]]
        return [
            (
                payment_from_item(from_wire(image["OldImage"])) if "OldImage" in image else None,
                payment_from_item(from_wire(image["NewImage"])),
            )
            for image in images
            if "NewImage" in image
        ]


def _update_of(changes: Item) -> tuple[str, dict[str, str], Item]:
    """An update expression that sets attributes with a value and removes those without."""
    to_set = [name for name, value in changes.items() if value is not None]
    to_remove = [name for name, value in changes.items() if value is None]
    expression = "SET " + ", ".join(f"#{name} = :{name}" for name in to_set)
    if to_remove:
        expression += " REMOVE " + ", ".join(f"#{name}" for name in to_remove)
    names = {f"#{name}": name for name in changes}
    return expression, names, {f":{name}": changes[name] for name in to_set}
