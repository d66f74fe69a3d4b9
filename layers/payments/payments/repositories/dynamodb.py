"""DynamoDB for the repositories: plain values in and out, our errors instead of AWS's."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import count
from typing import Any

from payments.aws.client import DYNAMODB, AwsClient, AwsError, AwsUnavailableError
from payments.domain.errors import ServiceUnavailableError

type Item = dict[str, Any]

# The form of rows, as their attribute `form` says. It grows when a member changes its meaning; new
# members change nothing: docs/decisions/050-rows-and-events-have-a-form.md.
ROW_FORM = 1

# Reasons of a cancelled transaction for which it helps to read the rows again: a condition failed,
# or another transaction was at one of them. The others are throttling, or mistakes of ours.
_DECIDED_BY_OTHERS = frozenset({"ConditionalCheckFailed", "TransactionConflict"})


class ConditionFailedError(Exception):
    """A conditional write failed; `item` is the existing row, if there is one."""

    def __init__(self, item: Item | None) -> None:
        super().__init__("the condition of the write failed")
        self.item = item


class TransactionCanceledError(Exception):
    """A condition of one of the writes failed, or another write was at the same rows: none of the
    writes has happened."""


def dynamodb_client() -> AwsClient:
    """A client with this project's timeouts.

    DynamoDB answers in milliseconds or not at all. Three short tries fit into every timeout.
    """
    return AwsClient(DYNAMODB, connect_timeout=1, read_timeout=2)


def impatient_client() -> AwsClient:
    """A client that gives up early, for what a request can do without."""
    return AwsClient(DYNAMODB, connect_timeout=0.5, read_timeout=1, max_attempts=2)


def call(client: AwsClient, operation: str, **request: object) -> Mapping[str, Any]:
    """Call one operation, such as `put_item`.

    Raises:
        ConditionFailedError: the condition of a write failed.
        ServiceUnavailableError: DynamoDB refused or did not answer; the write may have happened.
    """
    try:
        return client.call(operation.title().replace("_", ""), request)
    except AwsError as error:
        if error.code == "ConditionalCheckFailedException":
            item = error.answer.get("Item")
            raise ConditionFailedError(from_wire(item) if item else None) from None
        raise ServiceUnavailableError from error
    except AwsUnavailableError as error:
        raise ServiceUnavailableError from error


def query_pages(client: AwsClient, **query: object) -> Iterator[Mapping[str, Any]]:
    """DynamoDB's answers to a query, page by page; each is asked for when it is needed.

    Raises:
        ServiceUnavailableError: DynamoDB refused or did not answer.
    """
    while True:
        answer = call(client, "query", **query)
        yield answer
        if "LastEvaluatedKey" not in answer:
            return
        query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def transact_write(client: AwsClient, writes: Sequence[Mapping[str, Any]]) -> None:
    """Do all of these writes, or none.

    Raises:
        TransactionCanceledError: none was done; whoever reads the rows again sees why.
        ServiceUnavailableError: DynamoDB refused or did not answer; they may have happened.
    See https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
    """
    try:
        client.call("TransactWriteItems", {"TransactItems": writes})
    except AwsError as error:
        reasons = {each.get("Code") for each in error.answer.get("CancellationReasons") or ()}
        if reasons & _DECIDED_BY_OTHERS:
            raise TransactionCanceledError from None
        raise ServiceUnavailableError from error
    except AwsUnavailableError as error:
        raise ServiceUnavailableError from error


def batch_get(
    client: AwsClient, keys: Mapping[str, Sequence[Mapping[str, object]]]
) -> Mapping[str, list[Item]]:
    """Read rows of several tables, by their keys: at most 100, each once.

    The rows that exist are in DynamoDB's wire format, in no particular order. A busy DynamoDB
    answers for some of them only, and wants to be asked for the others later.

    Raises:
        ServiceUnavailableError: DynamoDB refused, did not answer, or kept leaving rows out.
    See https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
    """
    found: dict[str, list[Item]] = defaultdict(list)
    unread = {
        table: {"Keys": [to_wire(key) for key in wanted], "ConsistentRead": True}
        for table, wanted in keys.items()
    }
    for attempt in count(1):
        answer = call(client, "batch_get_item", RequestItems=unread)
        for table, items in answer["Responses"].items():
            found[table] += items
        unread = answer.get("UnprocessedKeys") or {}
        if not unread:
            break
        if not client.pause(attempt):
            raise ServiceUnavailableError
    return found


def to_wire(item: Mapping[str, object]) -> dict[str, Any]:
    """An item in DynamoDB's wire format; `None` values are left out."""
    return {name: _to_wire(value) for name, value in item.items() if value is not None}


def from_wire(item: Mapping[str, Any]) -> Item:
    """An item as plain Python values: whole numbers as `int`, never `Decimal`."""
    # Most attributes are strings. This shortcut makes listing payments 6 % faster.
    return {name: value["S"] if "S" in value else _from_wire(value) for name, value in item.items()}


def _to_wire(value: object) -> dict[str, Any]:
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int() | Decimal():
            return {"N": str(value)}
        case Mapping():
            return {"M": {name: _to_wire(member) for name, member in value.items()}}
        case list() | tuple():
            return {"L": [_to_wire(member) for member in value]}
    raise TypeError(f"a row cannot hold a {type(value).__name__}")


def _from_wire(attribute: Mapping[str, Any]) -> Any:
    ((kind, value),) = attribute.items()
    match kind:
        case "N":
            return _number(value)
        case "NULL":
            return None
        case "M":
            return from_wire(value)
        case "L":
            return [_from_wire(member) for member in value]
    return value  # a string, a boolean, or what a newer version stores and we do not look at


def _number(digits: str) -> int | Decimal:
    try:
        return int(digits)
    except ValueError:  # a fraction, or a whole number with an exponent
        number = Decimal(digits)
        return int(number) if number == number.to_integral_value() else number
