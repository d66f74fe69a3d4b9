"""Payments of all people, for the merchant: by indexes, newest first."""

from payments.aws.client import AwsClient
from payments.domain.page import Page
from payments.domain.payment import Payment
from payments.domain.payment_search import DISPUTED, PaymentSearch
from payments.repositories.cursors import Cursor
from payments.repositories.dynamodb import batch_get, from_wire
from payments.repositories.payments import (
    BY_USER_INDEX,
    MODE,
    MODE_AND_STATUS,
    OPEN_DISPUTE,
    mode_and_status,
    mode_of,
    payment_from_item,
)
from payments.repositories.search import Filter, Rows, search

BY_ORDER_REFERENCE_INDEX = "by-order-reference"
BY_STATUS_INDEX = "by-status"
BY_OPEN_DISPUTE_INDEX = "by-open-dispute"
BY_MODE_INDEX = "by-mode"

# Indexes that hold whole rows, and can be filtered. The others hold keys.
_WHOLE_ROWS = frozenset({BY_USER_INDEX, BY_ORDER_REFERENCE_INDEX})


class PaymentSearchRepository:
    """Reads the Payments table's indexes. They are a moment behind the table."""

    def __init__(self, client: AwsClient, table: str) -> None:
        self._client = client
        self._table = table

    def find(self, wanted: PaymentSearch, *, limit: int, cursor: str | None) -> Page[Payment]:
        """A page of what is looked for, newest first. It may be short and have a next one.

        Raises:
            ValidationError: the cursor is not valid.
        """
        index, hash_key, hash_value = _index_for(wanted)
        has_whole_rows = index in _WHOLE_ROWS
        return search(
            self._client,
            table=self._table,
            index=index,
            position=Cursor(hash_key, hash_value, "created_at", cursor),
            having=_filter_for(wanted, has_whole_rows=has_whole_rows),
            limit=limit,
            read=_payments_in if has_whole_rows else self._payments_named_in,
        )

    def _payments_named_in(self, keys: Rows) -> list[Payment]:
        """The payments of these keys, in their order; one that has gone meanwhile is left out."""
        if not keys:
            return []
        ids = [from_wire(key)["payment_id"] for key in keys]
        found = batch_get(self._client, {self._table: [{"payment_id": each} for each in ids]})
        by_id = {each.payment_id: each for each in _payments_in(found[self._table])}
        return [by_id[each] for each in ids if each in by_id]


def _payments_in(rows: Rows) -> list[Payment]:
    return [payment_from_item(from_wire(row)) for row in rows]


def _index_for(wanted: PaymentSearch) -> tuple[str, str, str]:
    """The index that leaves least to filter, its key, and the value to look for."""
    mode = mode_of(wanted.livemode)
    if wanted.order_reference is not None:
        return BY_ORDER_REFERENCE_INDEX, "order_reference", wanted.order_reference
    if wanted.user_id is not None:
        return BY_USER_INDEX, "user_id", wanted.user_id
    if wanted.status == DISPUTED:
        return BY_OPEN_DISPUTE_INDEX, OPEN_DISPUTE, mode
    if wanted.status is not None:
        return BY_STATUS_INDEX, MODE_AND_STATUS, mode_and_status(wanted.livemode, wanted.status)
    return BY_MODE_INDEX, MODE, mode


def _filter_for(wanted: PaymentSearch, *, has_whole_rows: bool) -> Filter:
    """What the rows of an index must have besides its key."""
    having = Filter(wanted.since, wanted.until)
    if not has_whole_rows:  # there is nothing else in them
        return having
    having.equal(MODE, mode_of(wanted.livemode))
    if wanted.order_reference is not None and wanted.user_id is not None:
        having.equal("user_id", wanted.user_id)
    if wanted.status == DISPUTED:
        having.equal(OPEN_DISPUTE, mode_of(wanted.livemode))
    elif wanted.status is not None:
        having.equal(MODE_AND_STATUS, mode_and_status(wanted.livemode, wanted.status))
    return having
