"""The Customers table: each person's Stripe Customer."""

from dataclasses import asdict, fields, replace

from payments.aws.client import AwsClient
from payments.domain.customer import Customer, UnfinishedCustomer
from payments.domain.errors import VersionConflictError
from payments.repositories.dynamodb import (
    ConditionFailedError,
    Item,
    call,
    from_wire,
    to_wire,
)


def customer_from_item(item: Item) -> Customer | None:
    """The customer that a row of the Customers table describes; None if it is unfinished."""
    row = _row_from_item(item)
    return row if isinstance(row, Customer) else None


def _row_from_item(item: Item) -> Customer | UnfinishedCustomer:
    kind = Customer if "stripe_customer_id" in item else UnfinishedCustomer
    return kind(**{f.name: item[f.name] for f in fields(kind) if f.name in item})


class CustomersRepository:
    """Rows of the Customers table, one for each user."""

    def __init__(self, client: AwsClient, table: str) -> None:
        self._client = client
        self._table = table

    def find(self, user_id: str) -> Customer | None:
        """The person's customer, or None until their Stripe Customer exists."""
        row = self.find_row(user_id)
        return row if isinstance(row, Customer) else None

    def find_row(self, user_id: str) -> Customer | UnfinishedCustomer | None:
        """The person's row: a customer, or what is known of creating one."""
        response = call(
            self._client,
            "get_item",
            TableName=self._table,
            Key=to_wire({"user_id": user_id}),
            ConsistentRead=True,
        )
        return _row_from_item(from_wire(response["Item"])) if "Item" in response else None

    def add(self, customer: Customer, *, replacing: Customer | None) -> Customer:
        """Store the customer, or return the one that another request stored first.

        `replacing` is the existing row if it cannot be used (another mode, or a customer that
        Stripe no longer knows).
        """
        # The person has no customer yet, or still has the one to replace.
        condition = "attribute_not_exists(stripe_customer_id)"
        there = self._put(customer, condition, replacing=replacing)
        return there if isinstance(there, Customer) else customer

    def move_on(
        self, unfinished: UnfinishedCustomer, *, replacing: Customer | None
    ) -> Customer | UnfinishedCustomer:
        """Store a new generation of the idempotency key before it is used.

        Returns the row as it is then: another request may have moved on as far, or have stored the
        customer. `replacing` is as in `add`.
        """
        # The person has no customer and the key has not moved on, or the row is to be replaced.
        condition = (
            "(attribute_not_exists(stripe_customer_id) AND "
            "(attribute_not_exists(key_generation) OR key_generation < :next))"
        )
        there = self._put(
            unfinished, condition, {":next": unfinished.key_generation}, replacing=replacing
        )
        return there or unfinished

    def _put(
        self,
        row: Customer | UnfinishedCustomer,
        condition: str,
        values: Item | None = None,
        *,
        replacing: Customer | None,
    ) -> Customer | UnfinishedCustomer | None:
        """Write a row, or return the one that is there instead."""
        values = {**(values or {})}
        if replacing is not None:
            condition += " OR stripe_customer_id = :replaced"
            values[":replaced"] = replacing.stripe_customer_id
        try:
            call(
                self._client,
                "put_item",
                TableName=self._table,
                Item=to_wire(asdict(row)),
                ConditionExpression=condition,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **({"ExpressionAttributeValues": to_wire(values)} if values else {}),
            )
        except ConditionFailedError as error:
            if error.item is None:
                raise
            return _row_from_item(error.item)
        return None

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
