"""DynamoDB as the repositories see it: plain values in and out, our errors instead of AWS's."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from payments.errors import ServiceUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

type Item = dict[str, Any]

# DynamoDB answers in milliseconds or not at all; three short tries fit every function's timeout.
_CONFIG = Config(
    connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 3}
)

_serializer = TypeSerializer()
_deserializer = TypeDeserializer()


class ConditionFailedError(Exception):
    """A conditional write did not apply; `item` is the row that stood in its way, if any."""

    def __init__(self, item: Item | None) -> None:
        super().__init__("the condition of the write did not hold")
        self.item = item


def dynamodb_client() -> "DynamoDBClient":
    """A client with this project's timeouts."""
    return boto3.client("dynamodb", config=_CONFIG)


def call(client: "DynamoDBClient", operation: str, **request: object) -> Mapping[str, Any]:
    """Call one operation.

    Raises:
        ConditionFailedError: the condition of a write did not hold.
        ServiceUnavailableError: DynamoDB refused or did not answer; the write may have happened.
    """
    try:
        response: Mapping[str, Any] = getattr(client, operation)(**request)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            item: Any = error.response.get("Item")  # in wire format, whatever the client
            raise ConditionFailedError(from_wire(item) if item else None) from None
        raise ServiceUnavailableError from error
    except BotoCoreError as error:
        raise ServiceUnavailableError from error
    return response


def to_wire(item: Mapping[str, object]) -> dict[str, Any]:
    """An item in DynamoDB's wire format; `None` values are left out."""
    return {name: _serializer.serialize(value) for name, value in item.items() if value is not None}


def from_wire(item: Mapping[str, Any]) -> Item:
    """An item as plain Python values: whole numbers as `int`, never `Decimal`."""
    return {name: _plain(_deserializer.deserialize(value)) for name, value in item.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else value
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(member) for member in value]
    return value
