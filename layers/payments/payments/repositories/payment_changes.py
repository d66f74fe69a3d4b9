"""What was written to the Payments table: its stream, and a scan of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from payments.domain.errors import RowUnreadableError
from payments.domain.page import Page
from payments.domain.payment_event import PaymentChange
from payments.repositories.dynamodb import call, from_wire, to_wire
from payments.repositories.payments import (
    UNREADABLE,
    PaymentsRepository,
    payment_from_item,
    reason_of,
)


class PaymentChangesRepository(PaymentsRepository):
    """The Payments table, for those who publish what has changed."""

    def list_written(self, *, since: str, cursor: str | None) -> Page[PaymentChange]:
        """A page of the payments written since then, in no particular order. Scans the table.

        `cursor` is the id of the last payment read.
        """
        start = {"ExclusiveStartKey": to_wire({"payment_id": cursor})} if cursor else {}
        response = call(
            self._client,
            "scan",
            TableName=self._table,
            FilterExpression="updated_at >= :since",
            ExpressionAttributeValues=to_wire({":since": since}),
            **start,
        )
        last_key = response.get("LastEvaluatedKey")
        return Page(
            items=[_change(item["payment_id"]["S"], None, item) for item in response["Items"]],
            next_cursor=from_wire(last_key)["payment_id"] if last_key else None,
        )

    def changes_in(self, stream_event: Mapping[str, Any]) -> list[PaymentChange]:
        """The writes in an event from the table's stream, and the lines that each has added."""
        records = [record["dynamodb"] for record in stream_event["Records"]]
        return [
            _change_in(record)
            for record in records
            if "NewImage" in record and "same_payment_as" not in record["NewImage"]
        ]


def _change_in(record: Mapping[str, Any]) -> PaymentChange:
    image = record["NewImage"]
    return _change(
        (record.get("Keys") or image)["payment_id"]["S"],
        _new_lines(record.get("OldImage", {}), image),
        image,
    )


def _new_lines(old: Mapping[str, Any], new: Mapping[str, Any]) -> Sequence[int] | None:
    """The lines that only the new image has; None if the images do not show that."""
    try:
        known, written = (len(image.get("history", {"L": ()})["L"]) for image in (old, new))
    except UNREADABLE:
        return None
    return range(known + 1, written + 1)


def _change(
    payment_id: str, lines: Sequence[int] | None, image: Mapping[str, Any]
) -> PaymentChange:
    try:
        return PaymentChange(payment_id, lines, payment_from_item(from_wire(image)))
    except RowUnreadableError as error:
        return PaymentChange(payment_id, lines, None, str(error))
    except UNREADABLE as error:
        return PaymentChange(payment_id, lines, None, reason_of(error))
