"""AWS in this process, with moto: the stack's own tables, user pool and secrets."""

import json
from collections.abc import Sequence
from typing import Any

import boto3

from payments.repositories.products import product_item
from tests.support.cloudformation import load_template
from tests.support.commands import TEMPLATE

TABLES = ("CustomersTable", "PaymentsTable", "ProductsTable", "BookmarksTable")

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
        cognito = boto3.client("cognito-idp")
        pool = resources["UserPool"]["Properties"]
        pool_id = cognito.create_user_pool(
            PoolName="till",
            UsernameAttributes=pool["UsernameAttributes"],
            UsernameConfiguration=pool["UsernameConfiguration"],
            Policies=pool["Policies"],
            AutoVerifiedAttributes=["email"],
        )["UserPool"]["Id"]
        app_client = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="web")
        boto3.client("events").create_event_bus(Name=EVENT_BUS)
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
            "CUSTOMERS_TABLE": "CustomersTable",
            "PAYMENTS_TABLE": "PaymentsTable",
            "PRODUCTS_TABLE": "ProductsTable",
            "BOOKMARKS_TABLE": "BookmarksTable",
            "EVENT_BUS": EVENT_BUS,
            "POWERTOOLS_METRICS_NAMESPACE": "till",
            "STRIPE_KEY_SECRET_ID": secrets["StripeKeySecret"],
            "STRIPE_WEBHOOK_SECRET_ID": secrets["StripeWebhookSecret"],
            "USER_POOL_CLIENT_ID": app_client["UserPoolClient"]["ClientId"],
            "ALLOWED_ORIGIN": "https://shop.example.com",
        }

    def empty(self) -> None:
        """Delete every row."""
        for name in TABLES:
            table = self._dynamodb.Table(name)
            keys = [key["AttributeName"] for key in table.key_schema]
            for row in self.rows(name):
                table.delete_item(Key={key: row[key] for key in keys})

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

    def payment(self) -> dict[str, Any]:
        """The only row of the Payments table."""
        (row,) = self.rows("PaymentsTable")
        return row

    def put_payment(self, row: dict[str, Any]) -> None:
        """Overwrite a row of the Payments table."""
        self._dynamodb.Table("PaymentsTable").put_item(Item=row)
