"""The rows of a stack's products table, read and written with boto3."""

import time
from collections.abc import Iterable
from itertools import batched
from typing import TYPE_CHECKING

from tools.products.changes import Row

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import WriteRequestOutputTypeDef

_MOST_IN_A_BATCH = 25
_LONGEST_WAIT_SECONDS = 5.0


def read_rows(dynamodb: "DynamoDBClient", table: str) -> dict[str, Row]:
    """Every row of the table, by product id, in DynamoDB's wire format."""
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return {item["product_id"]["S"]: dict(item) for page in pages for item in page["Items"]}


def write_rows(dynamodb: "DynamoDBClient", table: str, rows: Iterable[Row]) -> None:
    """Put rows into the table. What DynamoDB is too busy for is sent again, after a wait."""
    for batch in batched(rows, _MOST_IN_A_BATCH, strict=False):
        puts: list[WriteRequestOutputTypeDef] = [{"PutRequest": {"Item": row}} for row in batch]
        unwritten = {table: puts}
        wait = 0.1
        while unwritten := dynamodb.batch_write_item(RequestItems=unwritten)["UnprocessedItems"]:
            time.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT_SECONDS)
