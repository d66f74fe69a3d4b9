"""The Users table: which Stripe Customer a person is."""

from typing import TYPE_CHECKING

from payments.models import Customer
from payments.repositories.dynamodb import (
    ConditionFailedError,
    Item,
    call,
    from_wire,
    to_wire,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def customer_from_item(item: Item) -> Customer:
    """The customer that a row of the Users table describes."""
    return Customer(
        user_id=item["user_id"],
        stripe_customer_id=item["stripe_customer_id"],
        livemode=item["livemode"],
        email=item["email"],
        name=item["name"],
        created_at=item["created_at"],
    )


class CustomersRepository:
    """Rows of the Users table, one for each user."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def find(self, user_id: str) -> Customer | None:
        """The person's row; there is none until their Stripe Customer was created."""
        response = call(
            self._client,
            "get_item",
            TableName=self._table,
            Key=to_wire({"user_id": user_id}),
            ConsistentRead=True,
        )
        return customer_from_item(from_wire(response["Item"])) if "Item" in response else None

    def add(self, customer: Customer, *, replacing: Customer | None) -> Customer:
        """Store the customer, unless someone was faster: then theirs is the answer.

        `replacing` is the row that was found and cannot be used (another mode, or a customer
        that Stripe no longer knows).
        """
        # The person has no row yet, or still has the very one that is to be replaced.
        condition = "attribute_not_exists(user_id)"
        values: dict[str, object] = {}
        if replacing is not None:
            condition += " OR stripe_customer_id = :replaced"
            values = {
                "ExpressionAttributeValues": to_wire({":replaced": replacing.stripe_customer_id})
            }
        row = {
            "user_id": customer.user_id,
            "stripe_customer_id": customer.stripe_customer_id,
            "livemode": customer.livemode,
            "email": customer.email,
            "name": customer.name,
            "created_at": customer.created_at,
        }
        try:
            call(
                self._client,
                "put_item",
                TableName=self._table,
                Item=to_wire(row),
                ConditionExpression=condition,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **values,
            )
        except ConditionFailedError as error:
            if error.item is None:
                raise
            return customer_from_item(error.item)
        return customer
