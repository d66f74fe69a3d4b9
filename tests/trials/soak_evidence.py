"""One paid payment in our rows, in Stripe and on the bus: evidence without a difference."""

from collections.abc import Mapping
from typing import Any

from trials.soak.audit import differences_in
from trials.soak.evidence import Evidence

USER = {
    "user_id": "user-1",
    "stripe_customer_id": "cus_1",
    "email": "grace@example.com",
    "name": "Grace Hopper",
    "deleted": False,
}
CUSTOMER = {
    "id": "cus_1",
    "email": "grace@example.com",
    "name": "Grace Hopper",
    "metadata": {"user_id": "user-1"},
}
METADATA = {"payment_id": "pay_1", "user_id": "user-1", "lines_1": '[["mug",2,2400,"Mug"]]'}
LINE = {
    "product_id": "mug",
    "description": "Mug",
    "quantity": 2,
    "unit_amount": 2400,
    "amount": 4800,
}
CREATED = {
    "at": "2026-01-01T10:00:01.000Z",
    "from_status": "pending",
    "to_status": "requires_confirmation",
    "by": "create",
    "actor": "person:user-1",
}
PAID = {
    "at": "2026-01-01T10:00:02.000Z",
    "from_status": "requires_confirmation",
    "to_status": "succeeded",
    "by": "confirm",
    "actor": "person:user-1",
}
ROW: dict[str, Any] = {
    "payment_id": "pay_1",
    "payment_intent_id": "pi_1",
    "user_id": "user-1",
    "stripe_customer_id": "cus_1",
    "lines": [LINE],
    "amount": 4800,
    "currency": "eur",
    "payment_method_id": "pm_1",
    "status": "succeeded",
    "amount_received": 4800,
    "amount_refunded": 0,
    "created_at": "2026-01-01T10:00:00.000Z",
    "history": [CREATED, PAID],
}
INTENT: dict[str, Any] = {
    "id": "pi_1",
    "status": "succeeded",
    "amount": 4800,
    "currency": "eur",
    "customer": "cus_1",
    "payment_method": "pm_1",
    "last_payment_error": None,
    "latest_charge": "ch_1",
    "amount_received": 4800,
    "metadata": METADATA,
}
CHARGE: dict[str, Any] = {
    "id": "ch_1",
    "payment_intent": "pi_1",
    "amount": 4800,
    "currency": "eur",
    "amount_captured": 4800,
    "amount_refunded": 0,
    "captured": True,
    "status": "succeeded",
    "metadata": METADATA,
}


def event(number: int, line: Mapping[str, str], kind: str, **changes: Any) -> dict[str, Any]:
    """The event that the bus delivers for one line of the history."""
    return {
        "event_id": f"pay_1-{number}",
        "type": f"payment.{kind}",
        "detail_type": f"payment.{kind}",
        "occurred_at": line["at"],
        "from_status": line["from_status"],
        "to_status": line["to_status"],
        "by": line["by"],
        "actor": line["actor"],
        "payment": ROW,
        **changes,
    }


EVENTS = [event(1, CREATED, "created"), event(2, PAID, "succeeded")]
FINE = Evidence(
    payments=[ROW],
    customer_rows=[USER],
    intents=[INTENT],
    charges=[CHARGE],
    customers=[CUSTOMER],
    events=EVENTS,
    prices={"mug in eur": {2100, 2400}},
)


def kinds(evidence: Evidence) -> list[str]:
    """The kinds of difference that the audit finds."""
    return [difference.kind for difference in differences_in(evidence)]
