"""The Customers table: each person's Stripe Customer."""

from dataclasses import asdict, fields, replace

from payments.aws.client import AwsClient
from payments.domain.customer import Customer
from payments.domain.errors import VersionConflictError
from payments.repositories.dynamodb import (
    ConditionFailedError,
    Item,
    call,
    from_wire,
    to_wire,
)


def customer_from_item(item: Item) -> Customer:
    """The customer that a row of the Customers table describes."""
    return Customer(**{f.name: item[f.name] for f in fields(Customer) if f.name in item})


class CustomersRepository:
    """Rows of the Customers table, one for each user."""

    def __init__(self, client: AwsClient, table: str) -> None:
        self._client = client
        self._table = table

    def find(self, user_id: str) -> Customer | None:
        """The person's row, or None until their Stripe Customer exists."""
        response = call(
            self._client,
            "get_item",
            TableName=self._table,
            Key=to_wire({"user_id": user_id}),
            ConsistentRead=True,
        )
        return customer_from_item(from_wire(response["Item"])) if "Item" in response else None

    def add(self, customer: Customer, *, replacing: Customer | None) -> Customer:
        """Store the customer, or return the one that another request stored first.

        `replacing` is the existing row if it cannot be used (another mode, or a customer that
        Stripe no longer knows).
        """
        # The person has no row yet, or still has the one to replace.
        condition = "attribute_not_exists(user_id)"
        values: dict[str, object] = {}
        if replacing is not None:
            condition += " OR stripe_customer_id = :replaced"
            values = {
                "ExpressionAttributeValues": to_wire({":replaced": replacing.stripe_customer_id})
            }
        try:
            call(
                self._client,
                "put_item",
                TableName=self._table,
                Item=to_wire(asdict(customer)),
                ConditionExpression=condition,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **values,
            )
        except ConditionFailedError as error:
            if error.item is None:
                raise
            return customer_from_item(error.item)
        return customer

    def record(self, customer: Customer, *, profile: tuple[str, str] | None) -> Customer:
        """Write the email address and name that Stripe has, or that the customer was deleted.

        Raises:
            VersionConflictError: someone else has written since the row was read.
        """
        recorded = replace(customer, deleted=True, version=customer.version + 1)
        if profile:
            email, name = profile
            recorded = replace(recorded, email=email, name=name, deleted=False)
        try:
            call(
                self._client,
                "put_item",
                TableName=self._table,
                Item=to_wire(asdict(recorded)),
                # Nobody has written since it was read. Old rows have no version.
                ConditionExpression="stripe_customer_id = :customer AND "
                "(version = :read OR attribute_not_exists(version))",
                ExpressionAttributeValues=to_wire(
                    {":customer": customer.stripe_customer_id, ":read": customer.version}
                ),
            )
        except ConditionFailedError as error:
            raise VersionConflictError from error
        return recorded
