"""Payments of all people, for the merchant: by indexes, newest first."""

from collections.abc import Iterator, Mapping
from typing import Any

from payments.aws.client import AwsClient
from payments.domain.page import Page
from payments.domain.payment import Payment
from payments.domain.payment_search import DISPUTED, PaymentSearch
from payments.repositories.cursors import Cursor
from payments.repositories.dynamodb import batch_get, call, from_wire, to_wire
from payments.repositories.payments import (
    BY_USER_INDEX,
    MODE,
    MODE_AND_STATUS,
    OPEN_DISPUTE,
    mode_and_status,
    mode_of,
    payment_from_item,
)

BY_ORDER_REFERENCE_INDEX = "by-order-reference"
BY_STATUS_INDEX = "by-status"
BY_OPEN_DISPUTE_INDEX = "by-open-dispute"
BY_MODE_INDEX = "by-mode"

# Indexes that hold whole rows, and can be filtered. The others hold keys.
_WHOLE_ROWS = frozenset({BY_USER_INDEX, BY_ORDER_REFERENCE_INDEX})

# A filter may leave nothing of a page. After so many, the caller gets a cursor to go on from.
_MOST_PAGES = 10
_FIRST, _AFTER_ALL = "0", "9"  # before and after every time


class PaymentSearchRepository:
    """Reads the Payments table's indexes. They are a moment behind the table."""

    def __init__(self, client: AwsClient, table: str) -> None:
        self._client = client
        self._table = table

    def find(self, search: PaymentSearch, *, limit: int, cursor: str | None) -> Page[Payment]:
        """A page of what is looked for, newest first. It may be short and have a next one.

        Raises:
            ValidationError: the cursor is not valid.
        """
        index, hash_key, hash_value = _index_for(search)
        position = Cursor(hash_key, hash_value, "created_at", cursor)
        found: list[Payment] = []
        more = None
        for payments, more in self._pages(index, position, search, limit):
            found += payments
            if len(found) >= limit or more is None:
                break
        if len(found) > limit:
            last = found[limit - 1]
            more = {"created_at": last.created_at, "payment_id": last.payment_id}
        return Page(items=found[:limit], next_cursor=position.after(more) if more else None)

    def _pages(
        self, index: str, position: Cursor, search: PaymentSearch, limit: int
    ) -> Iterator[tuple[list[Payment], dict[str, Any] | None]]:
        """The payments of each page of the index, and the key that the next page starts after."""
        start: Mapping[str, Any] = to_wire(position.key()) if position.position else {}
        values = {
            ":hash": position.hash_value,
            ":since": search.since or _FIRST,
            ":until": _before(search.until) if search.until else _AFTER_ALL,
        }
        if values[":since"] > values[":until"]:
            return  # DynamoDB would refuse it
        filters = _filters_for(search) if index in _WHOLE_ROWS else {}
        query: dict[str, object] = {
            "TableName": self._table,
            "IndexName": index,
            "KeyConditionExpression": "#hash = :hash AND created_at BETWEEN :since AND :until",
            "ExpressionAttributeNames": {"#hash": position.hash_key}
            | {f"#{name}": name for name in filters},
            "ExpressionAttributeValues": to_wire(
                values | {f":{name}": value for name, value in filters.items()}
            ),
            "ScanIndexForward": False,
            "Limit": limit,
        }
        if filters:
            query["FilterExpression"] = " AND ".join(f"#{name} = :{name}" for name in filters)
        for _ in range(_MOST_PAGES):
            answer = call(
                self._client, "query", **query, **({"ExclusiveStartKey": start} if start else {})
            )
            items = answer["Items"]
            rows = items if index in _WHOLE_ROWS else self._rows(items)
            start = answer.get("LastEvaluatedKey") or {}
            payments = [payment_from_item(from_wire(row)) for row in rows]
            yield payments, from_wire(start) if start else None
            if not start:
                return

    def _rows(self, keys: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """The whole rows, in the order of the index; one that has gone meanwhile is left out."""
        if not keys:
            return []
        ids = [from_wire(key)["payment_id"] for key in keys]
        found = batch_get(self._client, {self._table: [{"payment_id": each} for each in ids]})
        by_id = {row["payment_id"]["S"]: row for row in found[self._table]}
        return [by_id[each] for each in ids if each in by_id]


def _index_for(search: PaymentSearch) -> tuple[str, str, str]:
    """The index that leaves least to filter, its key, and the value to look for."""
    mode = mode_of(search.livemode)
    if search.order_reference is not None:
        return BY_ORDER_REFERENCE_INDEX, "order_reference", search.order_reference
    if search.user_id is not None:
        return BY_USER_INDEX, "user_id", search.user_id
    if search.status == DISPUTED:
        return BY_OPEN_DISPUTE_INDEX, OPEN_DISPUTE, mode
    if search.status is not None:
        return BY_STATUS_INDEX, MODE_AND_STATUS, mode_and_status(search.livemode, search.status)
    return BY_MODE_INDEX, MODE, mode


def _filters_for(search: PaymentSearch) -> dict[str, str]:
    """What the rows of an index must have besides its key."""
    filters = {MODE: mode_of(search.livemode)}
    if search.order_reference is not None and search.user_id is not None:
        filters["user_id"] = search.user_id
    if search.status == DISPUTED:
        filters[OPEN_DISPUTE] = mode_of(search.livemode)
    elif search.status is not None:
        filters[MODE_AND_STATUS] = mode_and_status(search.livemode, search.status)
    return filters


def _before(moment: str) -> str:
    """What sorts right before this time: times have milliseconds and end in Z."""
    return moment.removesuffix("Z")
