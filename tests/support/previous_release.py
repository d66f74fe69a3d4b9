"""What the previous release's own code makes of rows and stream records. Run by its test.

`python -m tests.support.previous_release RELEASE.zip` reads rows in DynamoDB's wire format as JSON,
by table, and answers with what that release reads. Nothing of this release is imported.
"""

# ruff: noqa: PLC0415

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any


class Table:
    """A DynamoDB that keeps the last write."""

    def __init__(self) -> None:
        self.written: dict[str, Any] = {}

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """The write holds."""
        self.written = {"operation": operation, **request}
        return {}


def read(rows: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """What the release on `sys.path` reads."""
    import payments as package
    from payments.domain.payment_event import events_of
    from payments.domain.payment_intent import LastPaymentError
    from payments.repositories.customers import customer_row_from_item
    from payments.repositories.dynamodb import from_wire
    from payments.repositories.orders import order_from_item
    from payments.repositories.payment_changes import PaymentChangesRepository
    from payments.repositories.payments import PaymentsRepository, key_use_in, payment_from_item
    from payments.repositories.refunds import _refund_from_item

    assert package.__file__
    assert package.__file__.startswith(sys.path[0]), package.__file__
    items = {name: [from_wire(each) for each in found] for name, found in rows.items()}
    uses = [each for each in items["payments"] if key_use_in(each)]
    payments = [payment_from_item(each) for each in items["payments"] if not key_use_in(each)]
    table = Table()
    changes = PaymentChangesRepository(table, "payments", orders="orders")  # type: ignore[arg-type]
    records = [{"dynamodb": {"NewImage": row}} for row in rows["payments"]]
    told = [
        [event.event_id, event.type]
        for change in changes.changes_in({"Records": records})
        for event in change.events()
    ]
    writer = PaymentsRepository(table, "payments", orders="orders")  # type: ignore[arg-type]
    why = LastPaymentError("code", None, "message")
    open_one = next(each for each in payments if not each.is_final)
    writer.end(open_one, "expired", why, by="reconcile", actor="reconcile")
    assert list(events_of(payments[0], [])) == []
    return {
        "payments": [asdict(each) for each in payments],
        "key_uses": len(uses),
        "orders": [asdict(order_from_item(each)) for each in items["orders"]],
        "refunds": [asdict(_refund_from_item(each)) for each in items["refunds"]],
        "customers": [asdict(customer_row_from_item(each)) for each in items["customers"]],
        "told": told,
        "written": table.written["UpdateExpression"],
    }


if __name__ == "__main__":
    sys.path.insert(0, str(Path(sys.argv[1]).resolve() / "layers" / "payments"))
    sys.stdout.write(json.dumps(read(json.load(sys.stdin))))
