"""The Payments table, as its stream shows it: every write, in order."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from payments.domain.payment import OUR_ENDS, PENDING, Payment
from payments.domain.payment_intent import FINAL_STATUSES
from payments.repositories.dynamodb import from_wire
from payments.repositories.payments import OPEN, payment_from_item
from trials.soak.audit_history import differences_in_history

type Record = Mapping[str, Any]

# What a write may change; the first write sets everything else. The last two change only as time
# passes.
_CHANGING = frozenset(
    {"status", "payment_method_id", "last_payment_error", "amount_refunded", "dispute_status"}
    | {"cvc_recollected", "history", "version", "updated_at", "payment_intent_id", "created_at"}
    | {"amount_received", "refunds", "disputes", "account_id", "key_generation", "replaced_card"}
    | {"refund_requests", "instruction", "amount_capturable", "capture_before"}
)
# What may be without an intent.
_WITHOUT_INTENT = frozenset({PENDING, "refused", "expired"})


@dataclass(frozen=True)
class Write:
    """A row before and after a write; None where there is no row."""

    before: Payment | None
    after: Payment | None

    def is_ageing(self) -> bool:
        """Whether it only made the row older. No function does that."""
        before, after = self.before, self.after
        return (
            before is not None
            and after is not None
            and before == replace(after, created_at=before.created_at, updated_at=before.updated_at)
        )


class PaymentsTable:
    """The rows, and the records of the stream."""

    def __init__(self, region: str) -> None:
        # Moto has no API for a stream's records. Lambda would get these.
        backend = dynamodb_backends[DEFAULT_ACCOUNT_ID][region]
        shard = backend.tables["PaymentsTable"].stream_shard
        assert shard is not None
        self._stream = shard.items
        self.rows: dict[str, Payment] = {}

    def forget(self) -> None:
        """Start over; the table is empty."""
        self._stream.clear()
        self.rows = {}

    def read(self) -> tuple[list[Record], list[Write]]:
        """The records since the last time, and the writes in them. Updates `rows`."""
        records: list[Record] = [item.record for item in self._stream]
        self._stream.clear()
        writes = [Write(_row(record, "OldImage"), _row(record, "NewImage")) for record in records]
        for record, write in zip(records, writes, strict=True):
            row = write.after or write.before
            assert row is not None
            assert self.rows.get(row.payment_id) == write.before
            self.rows.pop(row.payment_id, None)
            if write.after:
                self.rows[row.payment_id] = write.after
                # What is over is out of the index that the reconciliation walks.
                assert (OPEN in record["dynamodb"]["NewImage"]) == write.after.has_work_left
        return records, writes


def _row(record: Record, image: str) -> Payment | None:
    item = record["dynamodb"].get(image)
    return payment_from_item(from_wire(item)) if item else None


def check_write(write: Write) -> None:
    """A row is born pending, learns from Stripe, and never goes."""
    if write.is_ageing():
        return
    before, after = write.before, write.after
    assert after is not None
    if before is None:
        assert (after.status, after.version, after.history) == (PENDING, 1, ())
    else:
        _check_update(before, after)
    _check_row(after)


def _check_update(before: Payment, after: Payment) -> None:
    assert after.version == before.version + 1
    fixed = {name for name in Payment.__dataclass_fields__ if name not in _CHANGING}
    changed = {name for name in fixed if getattr(before, name) != getattr(after, name)}
    assert not changed
    assert before.payment_intent_id in {None, after.payment_intent_id}
    assert before.account_id in {None, after.account_id}
    assert after.key_generation in {before.key_generation, before.key_generation + 1}
    assert after.key_generation == before.key_generation or after.payment_intent_id is None
    if before.status in FINAL_STATUSES:
        assert after.status == before.status
    if after.amount_refunded < before.amount_refunded:
        assert {"failed", "canceled"} & {refund.status for refund in after.refunds}
    assert after.history[: len(before.history)] == before.history
    assert after.updated_at >= before.updated_at


def _check_row(row: Payment) -> None:
    """It agrees with itself, and its history tells how it came there."""
    assert (row.payment_intent_id is None) == (row.status in _WITHOUT_INTENT)
    assert (row.status in OUR_ENDS) <= (row.last_payment_error is not None)
    given_back = [refund.amount for refund in row.refunds if refund.status == "succeeded"]
    assert row.amount_refunded == sum(given_back) <= row.amount_received
    reserved = [request.amount for request in row.refund_requests]
    assert not reserved or sum(reserved) <= row.amount_received
    assert bool(row.dispute_status) == bool(row.disputes)
    assert row.status != "succeeded" or row.amount_received == row.amount
    differences = [each.detail for each in differences_in_history([asdict(row)])]
    assert not differences, (differences, row.history)
