"""Writes that happen together: what DynamoDB's refusals mean."""

from collections.abc import Mapping
from typing import Any, cast

import pytest

from payments.aws.client import AwsClient, AwsError, AwsUnavailableError
from payments.domain.errors import ServiceUnavailableError
from payments.repositories.dynamodb import TransactionCanceledError, transact_write

WRITES = [{"Put": {"TableName": "orders", "Item": {"order_id": {"S": "ord_1"}}}}]


class DynamoDB:
    """Refuses everything in one way."""

    def __init__(self, refusal: Exception) -> None:
        self.refusal = refusal

    def call(self, operation: str, request: Mapping[str, Any]) -> None:
        assert (operation, request) == ("TransactWriteItems", {"TransactItems": WRITES})
        raise self.refusal


def refused(refusal: Exception, error: type[Exception]) -> None:
    with pytest.raises(error):
        transact_write(cast("AwsClient", DynamoDB(refusal)), WRITES)


def canceled(*codes: str) -> AwsError:
    """As https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
    shows it: a reason for each write."""
    reasons = [{"Code": code} for code in codes]
    return AwsError("TransactionCanceledException", "", {"CancellationReasons": reasons})


@pytest.mark.parametrize(
    "codes",
    [
        ("ConditionalCheckFailed", "None"),
        ("None", "ConditionalCheckFailed"),
        ("None", "TransactionConflict"),
        ("ThrottlingError", "ConditionalCheckFailed"),
    ],
)
def test_somebody_elses_write_is_told_apart(codes: tuple[str, ...]) -> None:
    refused(canceled(*codes), TransactionCanceledError)


@pytest.mark.parametrize(
    "refusal",
    [
        canceled("None", "ThrottlingError"),
        canceled("ProvisionedThroughputExceeded"),
        canceled("ValidationError"),
        AwsError("ValidationException", "", {}),
        AwsError("TransactionCanceledException", "", {"CancellationReasons": None}),
        AwsUnavailableError("no answer"),
    ],
    ids=str,
)
def test_everything_else_is_for_later(refusal: Exception) -> None:
    refused(refusal, ServiceUnavailableError)
