"""The Payments table, as its stream shows it: every write, in order."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from payments.domain.payment import PENDING, Payment
from payments.domain.payment_intent import FINAL_STATUSES
from payments.repositories.dynamodb import from_wire
from payments.repositories.payments import OPEN, payment_from_item

type Record = Mapping[str, Any]

# What a write may change; the first write sets everything else. The last two change only as time
# passes.
_CHANGING = frozenset(
    {"status", "payment_method_id", "last_payment_error", "amount_refunded", "dispute_status"}
    | {"cvc_recollected", "history", "version", "updated_at", "payment_intent_id", "created_at"}
)
# Every status after `succeeded` in the history is about the money.
_MONEY = frozenset({"partially_refunded", "refunded"})


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
                # A final payment is not in the index that the reconciliation reads.
                assert (OPEN in record["dynamodb"]["NewImage"]) != write.after.is_final
        return records, writes


def _row(record: Record, image: str) -> Payment | None:
    item = record["dynamodb"].get(image)
    return payment_from_item(from_wire(item)) if item else None


def check_write(write: Write) -> None:
    """A row starts as pending, follows Stripe, and is deleted only if Stripe has no intent."""
    if write.is_ageing():
        return
    before, after = write.before, write.after
    if before is None:
        assert after is not None
        assert (after.status, after.version, after.history) == (PENDING, 1, ())
    elif after is None:
        assert before.payment_intent_id is None
    else:
        _check_update(before, after)
    if after:
        _check_history(after)


def _check_update(before: Payment, after: Payment) -> None:
    assert after.version == before.version + 1
    fixed = {name for name in Payment.__dataclass_fields__ if name not in _CHANGING}
    changed = {name for name in fixed if getattr(before, name) != getattr(after, name)}
    assert not changed
    assert before.payment_intent_id in {None, after.payment_intent_id}
    assert after.payment_intent_id
    if before.status in FINAL_STATUSES:
        assert after.status == before.status
    assert after.amount_refunded >= before.amount_refunded  # in this test no refund fails
    assert after.history[: len(before.history)] == before.history
    assert after.updated_at >= before.updated_at


def _check_history(row: Payment) -> None:
    """Each line continues the one before, and together they match the row."""
    status = PENDING
    for change in row.history:
        assert change.from_status == status
        status = change.to_status
    if row.status not in FINAL_STATUSES:
        assert status == row.status
    told = [change.to_status for change in row.history]
    assert row.status == PENDING or row.status in told
    refunds = [status for status in told if status in _MONEY]
    assert bool(refunds) == bool(row.amount_refunded)
    if refunds:
        assert (refunds[-1] == "refunded") == (row.amount_refunded == row.amount)
    disputes = [status for status in told if status.startswith("dispute")]
    assert bool(disputes) == bool(row.dispute_status)
    if disputes:
        ended = {"won": "dispute_won", "lost": "dispute_lost"}
        assert disputes[-1] == ended.get(str(row.dispute_status), "disputed")
