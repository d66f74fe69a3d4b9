"""AWS in this process, with moto: the stack's own tables, user pool and secrets."""

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import boto3

from payments.domain.customer_import import email_hash
from payments.repositories.products import product_item
from tests.support.cloudformation import load_template
from tests.support.commands import TEMPLATE

TABLES = (
    "CustomersTable",
    "PaymentsTable",
    "OrdersTable",
    "ProductsTable",
    "RefundsTable",
    "BookmarksTable",
    "ImportsTable",
    "LimitsTable",
)

EVENT_BUS = "till-payments"

_TABLE_PROPERTIES = (
    "KeySchema",
    "AttributeDefinitions",
    "GlobalSecondaryIndexes",
    "BillingMode",
    "StreamSpecification",
)


class Aws:
    """The tables, the user pool and the secrets that the template describes."""

    def __init__(self) -> None:
        self._dynamodb = boto3.resource("dynamodb")
        self._sqs = boto3.client("sqs")
        self._cognito = boto3.client("cognito-idp")
        self._pool_id = ""

    def create(self, stripe_secret_key: str, signing_secrets: Sequence[str]) -> dict[str, str]:
        """Create what the functions use, and return their environment."""
        resources = load_template(TEMPLATE)["Resources"]
        for name in TABLES:
            properties = resources[name]["Properties"]
            if "StreamSpecification" in properties:  # in CloudFormation, naming a view turns it on
                properties["StreamSpecification"]["StreamEnabled"] = True
            self._dynamodb.create_table(
                TableName=name,
                **{key: properties[key] for key in _TABLE_PROPERTIES if key in properties},
            )
        pool = resources["UserPool"]["Properties"]
        self._pool_id = self._cognito.create_user_pool(
            PoolName="till",
            UsernameAttributes=pool["UsernameAttributes"],
            UsernameConfiguration=pool["UsernameConfiguration"],
            Policies=pool["Policies"],
            AutoVerifiedAttributes=["email"],
            Schema=pool["Schema"],
        )["UserPool"]["Id"]
        group = resources["DeletionRequestedGroup"]["Properties"]["GroupName"]
        self._cognito.create_group(UserPoolId=self._pool_id, GroupName=group)
        app_client = self._cognito.create_user_pool_client(
            UserPoolId=self._pool_id, ClientName="web"
        )
        boto3.client("events").create_event_bus(Name=EVENT_BUS)
        self._queue = resources["UnpublishedQueue"]["Properties"]
        self._queue_url = self._create_queue()
        secrets = {
            name: boto3.client("secretsmanager").create_secret(
                Name=name, SecretString=json.dumps(members)
            )["ARN"]
            for name, members in (
                ("StripeKeySecret", {"secret_key": stripe_secret_key}),
                ("StripeWebhookSecret", {"webhook_signing_secrets": list(signing_secrets)}),
            )
        }
        return {
            "STACK_NAME": "till",
            "CUSTOMERS_TABLE": "CustomersTable",
            "PAYMENTS_TABLE": "PaymentsTable",
            "PRODUCTS_TABLE": "ProductsTable",
            "ORDERS_TABLE": "OrdersTable",
            "REFUNDS_TABLE": "RefundsTable",
            "BOOKMARKS_TABLE": "BookmarksTable",
            "IMPORTS_TABLE": "ImportsTable",
            "LIMITS_TABLE": "LimitsTable",
            "EVENT_BUS": EVENT_BUS,
            "UNPUBLISHED_QUEUE_URL": self._queue_url,
            "POWERTOOLS_METRICS_NAMESPACE": "till",
            "STRIPE_REQUESTS_PER_SECOND": "10000",  # the simulator has no limit
            "STRIPE_KEY_SECRET_ID": secrets["StripeKeySecret"],
            "STRIPE_WEBHOOK_SECRET_ID": secrets["StripeWebhookSecret"],
            "USER_POOL_ID": self._pool_id,
            "USER_POOL_CLIENT_ID": app_client["UserPoolClient"]["ClientId"],
            "ALLOWED_ORIGIN": "https://shop.example.com",
        }

    def _create_queue(self) -> str:
        created = self._sqs.create_queue(
            QueueName="UnpublishedQueue",
            Attributes={"VisibilityTimeout": str(self._queue["VisibilityTimeout"])},
        )
        return created["QueueUrl"]

    def empty(self) -> None:
        """Delete every row and message."""
        self.empty_queue()
        self.empty_tables(*TABLES)

    def empty_tables(self, *names: str) -> None:
        """Delete every row of these tables."""
        for name in names:
            table = self._dynamodb.Table(name)
            keys = [key["AttributeName"] for key in table.key_schema]
            for row in self.rows(name):
                table.delete_item(Key={key: row[key] for key in keys})

    def copy_table(self, name: str, new_name: str) -> str:
        """What a restore to this point in time makes: a table of another name; return that."""
        source = self._dynamodb.Table(name)
        with suppress(self._dynamodb.meta.client.exceptions.ResourceInUseException):
            self._dynamodb.create_table(
                TableName=new_name,
                KeySchema=source.key_schema,
                AttributeDefinitions=[
                    each
                    for each in source.attribute_definitions
                    if each["AttributeName"] in {key["AttributeName"] for key in source.key_schema}
                ],
                BillingMode="PAY_PER_REQUEST",
            )
        self.empty_tables(new_name)
        for row in self.rows(name):
            self._dynamodb.Table(new_name).put_item(Item=row)
        return new_name

    def users(self) -> list[dict[str, str]]:
        """The attributes of everybody in the user pool, and their status."""
        people = self._cognito.list_users(UserPoolId=self._pool_id)["Users"]
        return [
            {each["Name"]: each["Value"] for each in person["Attributes"]}
            | {"status": person["UserStatus"]}
            for person in people
        ]

    def confirm(self, user_id: str) -> None:
        """Somebody enters the code that was emailed to them."""
        self._cognito.admin_confirm_sign_up(UserPoolId=self._pool_id, Username=user_id)
        self._tell(user_id, email_verified="true")

    def forget_people(self) -> None:
        """Delete everybody in the user pool."""
        for each in self.users():
            self._cognito.admin_delete_user(UserPoolId=self._pool_id, Username=each["sub"])

    def delete_user(self, user_id: str) -> None:
        """Somebody deletes their own user, by Cognito's DeleteUser, or an operator does."""
        self._cognito.admin_delete_user(UserPoolId=self._pool_id, Username=user_id)

    def verify(self, user_id: str, email: str) -> None:
        """Somebody enters the code that was sent to their new address."""
        self._tell(user_id, email=email, email_verified="true")

    def _tell(self, user_id: str, **attributes: str) -> None:
        self._cognito.admin_update_user_attributes(
            UserPoolId=self._pool_id,
            Username=user_id,
            UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
        )

    def groups_of(self, user_id: str) -> list[str]:
        """The names of the groups that somebody is in."""
        answer = self._cognito.admin_list_groups_for_user(
            UserPoolId=self._pool_id, Username=user_id
        )
        return [each["GroupName"] for each in answer["Groups"]]

    def empty_queue(self) -> None:
        """Delete every message, also those that somebody is working on."""
        self._sqs.delete_queue(QueueUrl=self._queue_url)
        assert self._create_queue() == self._queue_url

    def queue(self, message: object) -> None:
        """Put a message on the queue of unpublished payment events."""
        self._sqs.send_message(QueueUrl=self._queue_url, MessageBody=json.dumps(message))

    def queued(self) -> list[dict[str, Any]]:
        """Take everything from that queue that nobody is working on."""
        bodies = []
        while answer := self._sqs.receive_message(
            QueueUrl=self._queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=0
        ).get("Messages"):
            for message in answer:
                bodies.append(json.loads(message["Body"]))
                self._sqs.delete_message(
                    QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"]
                )
        return bodies

    def put_product(self, product_id: str, *, active: bool = True, **prices: int) -> None:
        """Put something on sale; prices are in minor units, by currency."""
        row = {
            "product_id": product_id,
            "name": product_id.replace("_", " ").title(),
            "description": "As the name says.",
            "prices": prices,
            "active": active,
        }
        self.put_product_row(product_item(row))

    def put_product_row(self, row: dict[str, Any]) -> None:
        """Overwrite a row of the Products table."""
        self._dynamodb.Table("ProductsTable").put_item(Item=row)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Every row of a table."""
        return self._dynamodb.Table(table).scan()["Items"]

    def change(self, table: str, key: dict[str, str], **attributes: str) -> None:
        """Overwrite attributes of a row."""
        self._dynamodb.Table(table).update_item(
            Key=key,
            AttributeUpdates={
                name: {"Value": value, "Action": "PUT"} for name, value in attributes.items()
            },
        )

    def customer(self, user_id: str) -> dict[str, Any]:
        """The person's row of the Customers table."""
        (row,) = [each for each in self.rows("CustomersTable") if each["user_id"] == user_id]
        return row

    def put_customer(self, row: dict[str, Any]) -> None:
        """Overwrite a row of the Customers table."""
        self._dynamodb.Table("CustomersTable").put_item(Item=row)

    def remove_customer(self, user_id: str) -> None:
        """Lose a row of the Customers table."""
        self._dynamodb.Table("CustomersTable").delete_item(Key={"user_id": user_id})

    def put_import(self, email: str, stripe_customer_id: str) -> None:
        """Let a Stripe customer wait for whoever has this address."""
        self._dynamodb.Table("ImportsTable").put_item(
            Item={
                "email_hash": email_hash(email),
                "stripe_customer_id": stripe_customer_id,
                "livemode": False,
                "imported_at": "2026-01-01T00:00:00.000Z",
            }
        )

    def payment(self) -> dict[str, Any]:
        """The only row of the Payments table."""
        (row,) = self.rows("PaymentsTable")
        return row

    def put_payment(self, row: dict[str, Any]) -> None:
        """Overwrite a row of the Payments table."""
        self._dynamodb.Table("PaymentsTable").put_item(Item=row)
