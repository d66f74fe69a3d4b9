"""The Payments table: each payment, from the moment before money moves."""

import base64
import binascii
import json
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING

from payments.errors import (
    PaymentNotFoundError,
    ValidationError,
    VersionConflictError,
)
from payments.models import LastPaymentError, Page, Payment, PaymentIntent, now
from payments.repositories.dynamodb import (
    ConditionFailedError,
    Item,
    call,
    from_wire,
    to_wire,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_MAX_ID_LENGTH = 255  # DynamoDB refuses keys of more than 2048 bytes

BY_USER_INDEX = "by-user"

# Partition of the sparse index `open-payments`: present until a payment is final.
OPEN = "open"


def payment_from_item(item: Item) -> Payment:
    """The payment that a row describes."""
    known = {field.name: item[field.name] for field in fields(Payment) if field.name in item}
    if error := item.get("last_payment_error"):
        known["last_payment_error"] = LastPaymentError(**error)
    return Payment(**known)


class PaymentsRepository:
    """Rows of the Payments table. `version` grows by one with each write."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def add_pending(self, payment: Payment) -> Payment:
        """Write the payment down before money moves; a replay gets the stored row."""
        try:
            call(
                self._client,
                "put_item",
                TableName=self._table,
                Item=to_wire(asdict(payment) | {OPEN: OPEN}),
                ConditionExpression="attribute_not_exists(payment_id)",  # one row a key, for ever
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ConditionFailedError as error:
            if error.item is None:
                raise
            return payment_from_item(error.item)
        return payment

    def get(self, payment_id: str) -> Payment:
        """The payment as last written.

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
            ValidationError: the cursor is not one of ours.
        """
        start = {"ExclusiveStartKey": to_wire(_key_of(cursor, user_id))} if cursor else {}
        response = call(
            self._client,
            "query",
            TableName=self._table,
            IndexName=BY_USER_INDEX,
            KeyConditionExpression="user_id = :user_id",
            ExpressionAttributeValues=to_wire({":user_id": user_id}),
            ScanIndexForward=False,
            Limit=limit,
            **start,
        )
        payments = [payment_from_item(from_wire(item)) for item in response["Items"]]
        last_key = response.get("LastEvaluatedKey")
        return Page(
            items=payments, next_cursor=_cursor_of(from_wire(last_key)) if last_key else None
        )

    def record(self, payment: Payment, intent: PaymentIntent) -> Payment:
        """Write what Stripe says, if the row is still the one that was read.

        Raises:
            VersionConflictError: someone else has written since.
        """
        recorded = replace(
            payment,
            status=intent.status,
            payment_intent_id=intent.payment_intent_id,
            payment_method_id=intent.payment_method_id or payment.payment_method_id,
            last_payment_error=intent.last_payment_error,
            cvc_recollected=payment.recollected_after(intent),
            version=payment.version + 1,
            updated_at=now(),
        )
        before, after = asdict(payment), asdict(recorded)
        changes = {name: value for name, value in after.items() if value != before[name]}
        changes[OPEN] = None if recorded.is_final else OPEN
        expression, names, values = _update_of(changes)
        try:
            call(
                self._client,
                "update_item",
                TableName=self._table,
                Key=to_wire({"payment_id": payment.payment_id}),
                UpdateExpression=expression,
                ConditionExpression="version = :read",  # nobody has written since it was read
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=to_wire(values | {":read": payment.version}),
            )
        except ConditionFailedError as error:
            raise VersionConflictError from error
        return recorded

    def discard_pending(self, payment: Payment) -> None:
        """Forget a payment that Stripe refused to create, unless someone got further with it."""
        try:
            call(
                self._client,
                "delete_item",
                TableName=self._table,
                Key=to_wire({"payment_id": payment.payment_id}),
                # It never got beyond pending, and nobody has written since.
                ConditionExpression="version = :read AND attribute_not_exists(payment_intent_id)",
                ExpressionAttributeValues=to_wire({":read": payment.version}),
            )
        except ConditionFailedError:
            return


def _update_of(changes: Item) -> tuple[str, dict[str, str], Item]:
    """An update expression that sets what has a value and removes what has none."""
    to_set = [name for name, value in changes.items() if value is not None]
    to_remove = [name for name, value in changes.items() if value is None]
    expression = "SET " + ", ".join(f"#{name} = :{name}" for name in to_set)
    if to_remove:
        expression += " REMOVE " + ", ".join(f"#{name}" for name in to_remove)
    names = {f"#{name}": name for name in changes}
    return expression, names, {f":{name}": changes[name] for name in to_set}


def _cursor_of(key: Item) -> str:
    position = json.dumps([key["created_at"], key["payment_id"]], separators=(",", ":"))
    return base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")


def _key_of(cursor: str, user_id: str) -> Item:
    """The index key a cursor stands for, always within the person's own partition."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        created_at, payment_id = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, TypeError) as error:
        raise ValidationError([("cursor", "Use next_cursor of the previous page.")]) from error
    if not all(isinstance(part, str) and part for part in (created_at, payment_id)):
        raise ValidationError([("cursor", "Use next_cursor of the previous page.")])
    return {"user_id": user_id, "created_at": created_at, "payment_id": payment_id}
