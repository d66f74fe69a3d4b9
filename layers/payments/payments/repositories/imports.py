"""The Imports table: Stripe Customers that wait for the person with their email address."""

from dataclasses import asdict, fields
from datetime import datetime

from payments.aws.client import AwsClient
from payments.domain.customer_import import CLAIMED_ROW_STAYS_FOR, CustomerImport, email_hash
from payments.repositories.dynamodb import ConditionFailedError, Item, call, from_wire, to_wire

_FIELDS = frozenset(each.name for each in fields(CustomerImport))


class ImportsRepository:
    """Rows of the Imports table, one for each address, under its hash."""

    def __init__(self, client: AwsClient, table: str) -> None:
        self._client = client
        self._table = table

    def find(self, email: str) -> CustomerImport | None:
        """What was imported for an address, or None."""
        response = call(
            self._client,
            "get_item",
            TableName=self._table,
            Key=to_wire({"email_hash": email_hash(email)}),
            ConsistentRead=True,
        )
        return _from_item(from_wire(response["Item"])) if "Item" in response else None

    def add(self, waiting: CustomerImport) -> CustomerImport:
        """Let a Customer wait, or return what is there for the address already."""
        try:
            call(
                self._client,
                "put_item",
                TableName=self._table,
                Item=to_wire(asdict(waiting)),
                ConditionExpression="attribute_not_exists(email_hash)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ConditionFailedError as error:
            if error.item is None:
                raise
            return _from_item(error.item)
        return waiting

    def claim(self, waiting: CustomerImport, *, user_id: str, at: str) -> bool:
        """Write whose it is; False if it is somebody else's, or gone. Harmless twice."""
        expires_at = datetime.fromisoformat(at) + CLAIMED_ROW_STAYS_FOR
        try:
            call(
                self._client,
                "update_item",
                TableName=self._table,
                Key=to_wire({"email_hash": waiting.email_hash}),
                UpdateExpression="SET claimed_by = :user, expires_at = :expires_at",
                ConditionExpression=(
                    "stripe_customer_id = :customer AND "
                    "(attribute_not_exists(claimed_by) OR claimed_by = :user)"
                ),
                ExpressionAttributeValues=to_wire(
                    {
                        ":user": user_id,
                        ":customer": waiting.stripe_customer_id,
                        ":expires_at": int(expires_at.timestamp()),
                    }
                ),
            )
        except ConditionFailedError:
            return False
        return True

    def remove(self, waiting: CustomerImport) -> bool:
        """Let it wait no longer; False if somebody has claimed it, or it is another one."""
        try:
            call(
                self._client,
                "delete_item",
                TableName=self._table,
                Key=to_wire({"email_hash": waiting.email_hash}),
                ConditionExpression=(
                    "attribute_not_exists(email_hash) OR "
                    "(stripe_customer_id = :customer AND attribute_not_exists(claimed_by))"
                ),
                ExpressionAttributeValues=to_wire({":customer": waiting.stripe_customer_id}),
            )
        except ConditionFailedError:
            return False
        return True


def _from_item(item: Item) -> CustomerImport:
    return CustomerImport(**{name: value for name, value in item.items() if name in _FIELDS})
