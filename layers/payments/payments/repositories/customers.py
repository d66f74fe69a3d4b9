"""The Customers table: each person's Stripe Customer, its cards, log-outs, and the deletion."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import asdict, fields, replace
from datetime import datetime

from payments.aws.client import AwsClient
from payments.domain.card import PaymentMethod
from payments.domain.customer import Customer, CustomerRow, ErasedPerson, UnfinishedCustomer
from payments.domain.errors import (
    AccountErasedError,
    CustomerMissingError,
    VersionConflictError,
)
from payments.domain.page import Page
from payments.domain.person import ERASED_ROW_STAYS_FOR
from payments.repositories.dynamodb import (
    ROW_FORM,
    ConditionFailedError,
    Item,
    call,
    from_wire,
    to_wire,
)

# What creating, replacing and following a Customer writes. Each write sets some of these and
# removes the others. It leaves alone what has a writer of its own.
_WRITTEN = sorted(
    {"form"}
    | {each.name for kind in (Customer, UnfinishedCustomer) for each in fields(kind)}
    - {
        "user_id",
        "signed_out_at",
        "deletion_requested_at",
        "code_entered_at",
        "code_session",
        "saved_cards",
    }
)


def customer_row_from_item(item: Item) -> CustomerRow:
    """What a row of the Customers table says."""
    if "erased_at" in item:
        return ErasedPerson(item["user_id"], erased_at=item["erased_at"])
    kind = Customer if "stripe_customer_id" in item else UnfinishedCustomer
    members = {f.name: item[f.name] for f in fields(kind) if f.name in item}
    if "saved_cards" in members:  # each is an id and a fingerprint
        members["saved_cards"] = dict(each.split(" ", 1) for each in members["saved_cards"])
    return kind(**members)


class CustomersRepository:
    """Rows of the Customers table, one for each user."""

    def __init__(self, client: AwsClient, table: str) -> None:
        self._client = client
        self._table = table

    def find(self, user_id: str) -> Customer | None:
        """The person's customer, or None until their Stripe Customer exists."""
        row = self.find_row(user_id)
        return row if isinstance(row, Customer) else None

    def find_row(self, user_id: str) -> CustomerRow | None:
        """The person's row: a customer, or what is known of creating one."""
        response = call(
            self._client,
            "get_item",
            TableName=self._table,
            Key=to_wire({"user_id": user_id}),
            ConsistentRead=True,
        )
        return customer_row_from_item(from_wire(response["Item"])) if "Item" in response else None

    def list_rows(self, *, limit: int, cursor: str | None) -> Page[CustomerRow]:
        """Rows in an order that stays; a row that is written meanwhile may be missing."""
        after = {"ExclusiveStartKey": to_wire({"user_id": cursor})} if cursor else {}
        answer = call(self._client, "scan", TableName=self._table, Limit=limit, **after)
        last = from_wire(answer["LastEvaluatedKey"]) if "LastEvaluatedKey" in answer else {}
        rows = [customer_row_from_item(from_wire(each)) for each in answer["Items"]]
        return Page(items=rows, next_cursor=last.get("user_id"))

    def add(self, customer: Customer, *, replacing: Customer | None) -> Customer:
        """Store the customer, or return the one that another request stored first.

        `replacing` is the existing row if it cannot be used (another mode, or a customer that
        Stripe no longer knows).

        Raises:
            AccountErasedError: the person was erased meanwhile.
        """
        # The person has no customer yet, or still has the one to replace.
        condition = "(attribute_not_exists(stripe_customer_id) AND attribute_not_exists(erased_at))"
        row = self._write_or_find(customer, condition, replacing=replacing)
        return row if isinstance(row, Customer) else customer

    def move_on(
        self, unfinished: UnfinishedCustomer, *, replacing: Customer | None
    ) -> Customer | UnfinishedCustomer:
        """Store a new generation of the idempotency key before it is used.

        Returns the row as it is then: another request may have moved on as far, or have stored the
        customer. `replacing` and what is raised are as in `add`.
        """
        # The person has no customer and the key has not moved on, or the row is to be replaced.
        condition = (
            "(attribute_not_exists(stripe_customer_id) AND attribute_not_exists(erased_at) AND "
            "(attribute_not_exists(key_generation) OR key_generation < :next))"
        )
        values = {":next": unfinished.key_generation}
        return self._write_or_find(unfinished, condition, values, replacing=replacing)

    def record(self, customer: Customer, *, profile: tuple[str, str] | None) -> Customer:
        """Write the email address and name that Stripe has, or that the customer was deleted.

        Raises:
            VersionConflictError: someone else has written since the row was read.
        """
        recorded = replace(customer, deleted=True, version=customer.version + 1)
        if profile:
            email, name = profile
            recorded = replace(recorded, email=email, name=name, deleted=False)
        # Nobody has written since it was read. Old rows have no version.
        condition = (
            "stripe_customer_id = :customer AND (version = :read OR attribute_not_exists(version))"
        )
        values = {":customer": customer.stripe_customer_id, ":read": customer.version}
        try:
            self._write(recorded, condition, values)
        except ConditionFailedError as error:
            raise VersionConflictError from error
        return recorded

    def sign_out(self, user_id: str, *, at: str) -> None:
        """Write when the person logged out everywhere; a later time stays."""
        with suppress(ConditionFailedError):
            call(
                self._client,
                "update_item",
                TableName=self._table,
                Key=to_wire({"user_id": user_id}),
                UpdateExpression="SET signed_out_at = :at",
                ConditionExpression=(
                    "attribute_not_exists(erased_at) AND "
                    "(attribute_not_exists(signed_out_at) OR signed_out_at < :at)"
                ),
                ExpressionAttributeValues=to_wire({":at": at}),
            )

    def note_one_time_code(self, user_id: str, *, at: int, session: str) -> None:
        """Write when somebody of the staff first entered a one-time code; the first stays."""
        self._change_one_time_code(
            user_id,
            "SET code_entered_at = :at, code_session = :session",
            "attribute_not_exists(erased_at) AND attribute_not_exists(code_entered_at)",
            ExpressionAttributeValues=to_wire({":at": at, ":session": session}),
        )

    def forget_one_time_code(self, user_id: str) -> None:
        """Write that they have no one-time-code app (any more)."""
        self._change_one_time_code(
            user_id, "REMOVE code_entered_at, code_session", "attribute_exists(code_entered_at)"
        )

    def _change_one_time_code(
        self, user_id: str, expression: str, condition: str, **values: object
    ) -> None:
        with suppress(ConditionFailedError):
            call(
                self._client,
                "update_item",
                TableName=self._table,
                Key=to_wire({"user_id": user_id}),
                UpdateExpression=expression,
                ConditionExpression=condition,
                **values,
            )

    def request_deletion(self, user_id: str, *, at: str, signed_out_at: str) -> CustomerRow:
        """Write that the person asked for the deletion; an earlier request stays. The row after it.

        Raises:
            AccountErasedError: it is done.
        """
        try:
            answer = call(
                self._client,
                "update_item",
                TableName=self._table,
                Key=to_wire({"user_id": user_id}),
                UpdateExpression=(
                    "SET deletion_requested_at = if_not_exists(deletion_requested_at, :at), "
                    "signed_out_at = :signed_out_at"
                ),
                ConditionExpression="attribute_not_exists(erased_at)",
                ExpressionAttributeValues=to_wire({":at": at, ":signed_out_at": signed_out_at}),
                ReturnValues="ALL_NEW",
            )
        except ConditionFailedError as error:
            raise AccountErasedError from error
        return customer_row_from_item(from_wire(answer["Attributes"]))

    def keep(self, user_id: str) -> None:
        """Take the request for a deletion back, if there is one."""
        with suppress(ConditionFailedError):
            call(
                self._client,
                "update_item",
                TableName=self._table,
                Key=to_wire({"user_id": user_id}),
                UpdateExpression="REMOVE deletion_requested_at",
                ConditionExpression="attribute_exists(deletion_requested_at)",
            )

    def erase(self, row: Customer | UnfinishedCustomer, *, at: str) -> None:
        """Replace the row by one that only says so, and that DynamoDB removes two days later.

        Harmless twice.

        Raises:
            VersionConflictError: the person got another customer since the row was read, or the
                request was taken back.
        """
        condition = "attribute_exists(deletion_requested_at) AND "
        values: Item = {}
        if isinstance(row, Customer):
            condition += "stripe_customer_id = :customer"
            values = {"ExpressionAttributeValues": to_wire({":customer": row.stripe_customer_id})}
        else:
            condition += "attribute_not_exists(stripe_customer_id)"
        gone_at = datetime.fromisoformat(at) + ERASED_ROW_STAYS_FOR
        erased = {"user_id": row.user_id, "erased_at": at, "expires_at": int(gone_at.timestamp())}
        try:
            call(
                self._client,
                "put_item",
                TableName=self._table,
                Item=to_wire(erased),
                ConditionExpression=condition,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **values,
            )
        except ConditionFailedError as error:
            # Our own write may be why: its answer was lost, and it was sent again.
            if error.item is None or "erased_at" not in error.item:
                raise VersionConflictError from error

    def add_card(self, customer: Customer, card: PaymentMethod) -> Customer:
        """Note that the card is the customer's; return the row with all its cards.

        Raises:
            CustomerMissingError: the person has another customer by now, or none.
        """
        cards = {card.payment_method_id: card.fingerprint or ""}
        return self._change_cards(customer, "ADD", cards)

    def forget_cards(self, customer: Customer, payment_method_ids: Collection[str]) -> None:
        """Take cards out of the row. If the person has another customer by now, leave it alone."""
        known = customer.saved_cards
        cards = {each: known[each] for each in payment_method_ids if each in known}
        if cards:
            with suppress(CustomerMissingError):
                self._change_cards(customer, "DELETE", cards)

    def _change_cards(self, customer: Customer, how: str, cards: Mapping[str, str]) -> Customer:
        try:
            answer = call(
                self._client,
                "update_item",
                TableName=self._table,
                Key=to_wire({"user_id": customer.user_id}),
                UpdateExpression=f"{how} saved_cards :cards",
                ConditionExpression="stripe_customer_id = :customer",
                ExpressionAttributeValues={
                    ":cards": {"SS": [" ".join(card) for card in cards.items()]},
                    **to_wire({":customer": customer.stripe_customer_id}),
                },
                ReturnValues="ALL_NEW",
            )
        except ConditionFailedError as error:
            raise CustomerMissingError from error
        row = customer_row_from_item(from_wire(answer["Attributes"]))
        assert isinstance(row, Customer)
        return row

    def remove(self, row: CustomerRow) -> None:
        """Remove a person's row.

        Raises:
            VersionConflictError: they got another customer since the row was read.
        """
        # The person has no customer, and was not erased; or still has this one.
        condition = "(attribute_not_exists(stripe_customer_id) AND attribute_not_exists(erased_at))"
        values: Item = {}
        if isinstance(row, Customer):
            condition += " OR stripe_customer_id = :customer"
            values = {"ExpressionAttributeValues": to_wire({":customer": row.stripe_customer_id})}
        try:
            call(
                self._client,
                "delete_item",
                TableName=self._table,
                Key=to_wire({"user_id": row.user_id}),
                ConditionExpression=condition,
                **values,
            )
        except ConditionFailedError as error:
            raise VersionConflictError from error

    def _write_or_find(
        self,
        row: CustomerRow,
        condition: str,
        values: Mapping[str, object] | None = None,
        *,
        replacing: Customer | None,
    ) -> Customer | UnfinishedCustomer:
        """Write a row, or find the one that is there instead."""
        values = {**(values or {})}
        if replacing is not None:
            condition += " OR stripe_customer_id = :replaced"
            values[":replaced"] = replacing.stripe_customer_id
        try:
            stored = self._write(row, condition, values)
        except ConditionFailedError as error:
            if error.item is None:
                raise
            stored = customer_row_from_item(error.item)
        if isinstance(stored, ErasedPerson):
            raise AccountErasedError
        return stored

    def _write(self, row: CustomerRow, condition: str, values: Mapping[str, object]) -> CustomerRow:
        members = asdict(row) | {"form": ROW_FORM}
        given = [name for name in _WRITTEN if members.get(name) is not None]
        absent = [name for name in _WRITTEN if name not in given]
        answer = call(
            self._client,
            "update_item",
            TableName=self._table,
            Key=to_wire({"user_id": row.user_id}),
            UpdateExpression=(
                f"SET {', '.join(f'#{name} = :{name}' for name in given)} "
                f"REMOVE {', '.join(f'#{name}' for name in absent)}"
            ),
            ConditionExpression=condition,
            ExpressionAttributeNames={f"#{name}": name for name in _WRITTEN},
            ExpressionAttributeValues=to_wire(
                {**values, **{f":{name}": members[name] for name in given}}
            ),
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
        return customer_row_from_item(from_wire(answer["Attributes"]))
