"""A search by an index, newest first, in pages that a filter may leave short."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from payments.aws.client import AwsClient
from payments.domain.page import Page
from payments.repositories.cursors import Cursor
from payments.repositories.dynamodb import from_wire, query_pages, to_wire

# A filter may leave nothing of a page. After so many, the caller gets a cursor to go on from.
_MOST_PAGES = 10
_FIRST, _AFTER_ALL = "0", "9"  # before and after every time

type Rows = Sequence[Mapping[str, Any]]


@dataclass
class Filter:
    """What rows must have besides the index's key: all of the conditions.

    They were made from `since` on, and before `until`.
    """

    since: str | None = None
    until: str | None = None
    conditions: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)

    def equal(self, name: str, value: str) -> None:
        """Rows must have this value."""
        self.conditions.append(f"#{name} = :{name}")
        self.names[f"#{name}"] = name
        self.values[f":{name}"] = value


def search[Found](
    client: AwsClient,
    *,
    table: str,
    index: str,
    position: Cursor,
    having: Filter,
    limit: int,
    read: Callable[[Rows], list[Found]],
) -> Page[Found]:
    """A page of what the index has, newest first. It may be short, and have a next one.

    `position` says where in the index it goes on, `read` makes rows of the index into what they
    are about.

    Raises:
        ValidationError: the position is not valid.
    """
    start = {"ExclusiveStartKey": to_wire(position.key())} if position.position else {}
    # Right before `until` in the order of texts: times have milliseconds, and end in Z.
    first = having.since or _FIRST
    last = having.until.removesuffix("Z") if having.until else _AFTER_ALL
    if first > last:
        return Page(items=[], next_cursor=None)  # DynamoDB would refuse it
    condition = {"FilterExpression": " AND ".join(having.conditions)} if having.conditions else {}
    pages = query_pages(
        client,
        TableName=table,
        IndexName=index,
        KeyConditionExpression="#hash = :hash AND created_at BETWEEN :first AND :last",
        ExpressionAttributeNames={"#hash": position.hash_key, **having.names},
        ExpressionAttributeValues=to_wire(
            {":hash": position.hash_value, ":first": first, ":last": last, **having.values}
        ),
        ScanIndexForward=False,
        Limit=limit,
        **condition,
        **start,
    )
    found: list[Found] = []
    more: Mapping[str, Any] | None = None
    for answer in islice(pages, _MOST_PAGES):
        found += read(answer["Items"])
        more = from_wire(answer["LastEvaluatedKey"]) if "LastEvaluatedKey" in answer else None
        if len(found) >= limit:
            break
    if len(found) > limit:
        end = found[limit - 1]
        more = {name: getattr(end, name) for name in (position.range_key, position.id_key)}
    return Page(items=found[:limit], next_cursor=position.after(dict(more)) if more else None)
