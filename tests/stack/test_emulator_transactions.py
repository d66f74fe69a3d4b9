"""MiniStack does writes that happen together as DynamoDB does: all or none, with the reasons."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from local.emulator import aws_environment, start_emulator, wait_for_emulator
from local.options import free_port
from local.processes import Supervisor
from payments.aws.client import AwsClient, AwsError
from payments.repositories.dynamodb import (
    TransactionCanceledError,
    call,
    dynamodb_client,
    from_wire,
    to_wire,
    transact_write,
)

TABLES = ("orders", "payments")


@pytest.fixture(scope="module")
def dynamodb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsClient]:
    folder: Path = tmp_path_factory.mktemp("emulator")
    with Supervisor() as supervisor, pytest.MonkeyPatch.context() as patch:
        url = start_emulator(
            supervisor, port=free_port(), home=folder / "home", logs=folder / "logs"
        )
        wait_for_emulator(supervisor, url)
        for name, value in aws_environment(url, {}).items():
            patch.setenv(name, value)
        tables: Any = boto3.session.Session().client("dynamodb", endpoint_url=url)
        for name in TABLES:
            tables.create_table(
                TableName=name,
                BillingMode="PAY_PER_REQUEST",
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            )
        assert os.environ["AWS_ENDPOINT_URL"] == url
        client = dynamodb_client()
        yield client
        client.close()


def put(table: str, **row: object) -> dict[str, Any]:
    return {
        "Put": {
            "TableName": table,
            "Item": to_wire(row),
            "ConditionExpression": "attribute_not_exists(id)",
        }
    }


def row(client: AwsClient, table: str, row_id: str) -> dict[str, Any]:
    answer = call(client, "get_item", TableName=table, Key=to_wire({"id": row_id}))
    return from_wire(answer.get("Item") or {})


def test_all_are_written(dynamodb: AwsClient) -> None:
    transact_write(dynamodb, [put("orders", id="ord_1"), put("payments", id="pay_1", amount=1)])

    assert row(dynamodb, "orders", "ord_1") == {"id": "ord_1"}
    assert row(dynamodb, "payments", "pay_1") == {"id": "pay_1", "amount": 1}


def test_or_none(dynamodb: AwsClient) -> None:
    transact_write(dynamodb, [put("orders", id="ord_2")])

    with pytest.raises(TransactionCanceledError):
        transact_write(dynamodb, [put("payments", id="pay_2"), put("orders", id="ord_2")])

    assert row(dynamodb, "payments", "pay_2") == {}


def test_a_reason_is_given_for_each(dynamodb: AwsClient) -> None:
    transact_write(dynamodb, [put("orders", id="ord_3")])
    writes = [put("payments", id="pay_3"), put("orders", id="ord_3")]

    with pytest.raises(AwsError) as refused:
        dynamodb.call("TransactWriteItems", {"TransactItems": writes})

    assert refused.value.code == "TransactionCanceledException"
    reasons = [each["Code"] for each in refused.value.answer["CancellationReasons"]]
    assert reasons == ["None", "ConditionalCheckFailed"]
