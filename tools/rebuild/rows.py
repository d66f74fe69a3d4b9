"""Rows, made again from what Stripe has. Pure: objects in, rows out.

What only our rows had is in the PaymentIntent's metadata: see `stripe_gateway.order_details`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from payments.domain.actor import Actor
from payments.domain.clock import timestamp
from payments.domain.line_id import line_id
from payments.domain.order import Order, payment_generation_of
from payments.domain.order_line import OrderLine
from payments.domain.payment import (
    DISPUTE_LINES,
    HOLD_EXPIRED,
    REFUND_LINES,
    Payment,
    StatusChange,
)
from payments.domain.payment_event import REBUILD
from payments.domain.payment_intent import HELD, PaymentIntent, refunded
from payments.domain.refund import RequestedRefund
from payments.stripe_gateway.order_details import ORDER_MADE, PAYMENT_MADE

type StripeObject = Mapping[str, Any]

# What an intent's metadata has from us; the rest is the merchant's.
_OURS = frozenset(
    {
        "payment_id", "user_id", "stack", "order_id", "order_reference", "request_hash",
        "payment_made", "order_made",
    }
)  # fmt: skip
# What must have come before a dispute that is decided.
_BEFORE = {"dispute_won": "disputed", "dispute_lost": "disputed", "inquiry_closed": "inquiry"}


class UnreadableError(Exception):
    """Metadata does not say what it was made with; the message says what is missing."""


@dataclass(frozen=True)
class Fact:
    """Something that has happened, in whole seconds; `rank` orders what came in one of them."""

    seconds: int
    rank: int
    status: str
    object_id: str
    actor: str = REBUILD


def payment_from(
    told: StripeObject,
    intent: PaymentIntent,
    *,
    refused: Sequence[StripeObject] = (),
    refunds: Sequence[StripeObject] = (),
) -> Payment:
    """The payment of an intent; `refused` are the charges of its refused attempts.

    Raises:
        UnreadableError: somebody has changed our metadata.
    """
    try:
        pending = _pending(told, intent, refused)
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableError(f"{type(error).__name__}: {error}") from error
    written = pending.after(intent, by=REBUILD)
    history = _history(written, _facts(told, intent, written, refused, refunds))
    return replace(
        written,
        refunds=tuple(replace(each, updated_at=each.created_at) for each in written.refunds),
        history=tuple(history),
    )


def _pending(told: StripeObject, intent: PaymentIntent, refused: Sequence[StripeObject]) -> Payment:
    metadata = told["metadata"]
    details = told.get("amount_details") or {}
    made: dict[str, Any] = {
        "created_at": moment(told["created"]),
        "tax_amount": (details.get("tax") or {}).get("total_tax_amount") or 0,
        "shipping_amount": (details.get("shipping") or {}).get("amount") or 0,
        "discount_amount": details.get("discount_amount") or 0,
    }
    if "payment_made" in metadata:  # releases before 0.2.0 did not write it
        made |= dict(zip(PAYMENT_MADE, json.loads(metadata["payment_made"]), strict=True))
    lines = _lines(metadata, details)
    amount = (
        sum(line.amount for line in lines)
        + made["tax_amount"]
        + made["shipping_amount"]
        - made["discount_amount"]
    )
    return Payment(
        payment_id=metadata["payment_id"],
        user_id=metadata["user_id"],
        stripe_customer_id=intent.stripe_customer_id or "",
        livemode=bool(intent.livemode),
        lines=lines,
        amount=amount,
        currency=intent.currency or "",
        payment_method_id=_card_of(told, refused),
        request_hash=metadata["request_hash"],
        updated_at=made["created_at"],
        order_id=metadata.get("order_id"),
        order_reference=metadata.get("order_reference"),
        order_expires_at=_order_made(metadata).get("expires_at"),
        capture_method="manual" if told["capture_method"] == "manual" else "automatic",
        account_id=intent.account_id,
        **made,
    )


def _order_made(metadata: StripeObject) -> dict[str, Any]:
    if "order_made" not in metadata:
        return {}
    return dict(zip(ORDER_MADE, json.loads(metadata["order_made"]), strict=True))


def _lines(metadata: StripeObject, details: StripeObject) -> tuple[OrderLine, ...]:
    """The lines: as they are packed, with the whole descriptions that the line items have."""
    parts: list[str] = []
    while (name := f"lines_{len(parts) + 1}") in metadata:
        parts.append(metadata[name])
    packed = json.loads("".join(parts))
    items = (details.get("line_items") or {}).get("data") or []
    names = [each["product_name"] for each in items] if len(items) == len(packed) else []
    return tuple(
        OrderLine(
            product_id=product_id,
            description=_longer(description, names[number] if names else ""),
            quantity=quantity,
            unit_amount=unit_amount,
            amount=quantity * unit_amount,
        )
        for number, (product_id, quantity, unit_amount, description) in enumerate(packed)
    )


def _longer(packed: str, whole: str) -> str:
    return whole if whole.startswith(packed) else packed


def _card_of(told: StripeObject, refused: Sequence[StripeObject]) -> str:
    """The card: after a refusal, only the attempt still has it."""
    charge, error = told.get("latest_charge"), told.get("last_payment_error") or {}
    tried = (error.get("payment_method") or {}).get("id")
    charged = charge.get("payment_method") if isinstance(charge, Mapping) else None
    last = refused[-1]["payment_method"] if refused else None
    return str(told.get("payment_method") or tried or charged or last or "")


def _facts(
    told: StripeObject,
    intent: PaymentIntent,
    payment: Payment,
    refused: Sequence[StripeObject],
    refunds: Sequence[StripeObject],
) -> list[Fact]:
    """What Stripe still knows to have happened, each once and for all."""
    intent_id = intent.payment_intent_id
    asked_by = payment.created_by or REBUILD
    facts = [Fact(told["created"], 0, "requires_confirmation", intent_id, asked_by)]
    facts += [Fact(each["created"], 1, "requires_payment_method", each["id"]) for each in refused]
    charge = told.get("latest_charge")
    if isinstance(charge, Mapping) and charge["status"] != "failed":
        if payment.capture_method == "manual":
            facts.append(Fact(charge["created"], 2, HELD, intent_id))
        if payment.status == "succeeded":
            facts.append(Fact(charge["created"], 3, "succeeded", intent_id))
    if payment.status == "canceled":
        at = told.get("canceled_at") or told["created"]
        facts.append(Fact(at, 3, "canceled", intent_id))
        if intent.hold_ran_out:
            facts.append(Fact(at, 4, HOLD_EXPIRED, intent_id))
    if payment.status == "succeeded":
        facts += _refund_facts(payment, refunds)
        facts += _dispute_facts(payment)
    return facts


def _refund_facts(payment: Payment, refunds: Sequence[StripeObject]) -> list[Fact]:
    asked_by = {each["id"]: (each.get("metadata") or {}).get("actor") for each in refunds}
    facts = []
    for number, refund in enumerate(payment.refunds, start=1):
        status = REFUND_LINES.get(refund.status, "refund_pending")
        if refund.status == "succeeded":
            so_far = refunded(payment.refunds[:number])
            status = "refunded" if so_far >= payment.amount_received else "partially_refunded"
        actor = asked_by.get(refund.refund_id) or REBUILD
        facts.append(Fact(_seconds(refund.created_at), 5, status, refund.refund_id, actor))
    return facts


def _dispute_facts(payment: Payment) -> list[Fact]:
    facts = []
    for dispute in payment.disputes:
        line = DISPUTE_LINES.get(dispute.status, "disputed")
        at, told = _seconds(dispute.created_at), (_BEFORE.get(line), line)
        facts += [Fact(at, 6, status, dispute.dispute_id) for status in told if status]
    return facts


def _history(payment: Payment, facts: Sequence[Fact]) -> list[StatusChange]:
    """The lines, in order. A status that Stripe shows now and that may have been told before under
    an id that nobody knows is the last line, without one."""
    lines: list[StatusChange] = []
    status, at = "pending", payment.created_at
    for fact in sorted(facts, key=lambda each: (each.seconds, each.rank)):
        at = max(at, moment(fact.seconds))
        id_ = line_id(fact.object_id, fact.status)
        lines.append(StatusChange(at, status, fact.status, REBUILD, fact.actor, id_))
        status = fact.status
    statuses = [line.to_status for line in lines if line.to_status in _STATUSES]
    if statuses[-1] != payment.status or _is_untold_refusal(payment, lines):
        lines.append(StatusChange(at, status, payment.status, REBUILD, REBUILD))
    return lines


# Those of a payment, not of what became of its money.
_STATUSES = frozenset(
    {"requires_confirmation", "requires_payment_method", HELD, "succeeded", "canceled"}
)


def _is_untold_refusal(payment: Payment, lines: Sequence[StatusChange]) -> bool:
    """Whether the last attempt was refused without leaving a charge: in a challenge, say."""
    error = payment.last_payment_error
    if payment.status != "requires_payment_method" or error is None:
        return False
    return line_id(error.charge_id, payment.status) not in {line.id for line in lines} - {""}


def order_from(told: StripeObject, payment: Payment) -> Order | None:
    """The order that a payment pays, once money was taken or is held; None if it has none."""
    metadata = told["metadata"]
    made = _order_made(metadata)
    if payment.order_id is None or payment.status not in {"succeeded", HELD} or not made:
        return None
    paid = [line.at for line in payment.history if line.to_status == "succeeded"]
    order = Order(
        order_id=payment.order_id,
        order_reference=payment.order_reference or "",
        user_id=payment.user_id,
        livemode=payment.livemode,
        currency=payment.currency,
        lines=payment.lines,
        total=payment.amount,
        tax_amount=payment.tax_amount,
        shipping_amount=payment.shipping_amount,
        discount_amount=payment.discount_amount,
        capture_method=payment.capture_method,
        shipping=_given(told.get("shipping")),
        receipt_email=told.get("receipt_email"),
        statement_descriptor_suffix=told.get("statement_descriptor_suffix"),
        metadata={
            name: value
            for name, value in metadata.items()
            if name not in _OURS and not name.startswith("lines_")
        },
        request_hash=payment.request_hash,
        updated_at=made["created_at"],
        payment_id=payment.payment_id,
        paid_at=paid[0] if paid else None,
        **made,
    )
    return replace(order, payment_generation=payment_generation_of(order, payment.payment_id))


def refund_from(told: StripeObject, payment: Payment) -> RequestedRefund | None:
    """The row of a refund that somebody asked us for; None if it came from Stripe's dashboard."""
    metadata = told.get("metadata") or {}
    if not {"refund_id", "request_hash"} <= metadata.keys():
        return None
    created_at = metadata.get("created_at") or moment(told["created"])
    return RequestedRefund(
        payment_id=payment.payment_id,
        refund_id=metadata["refund_id"],
        amount=told["amount"],
        currency=payment.currency,
        reason=told.get("reason"),
        note=metadata.get("note"),
        actor=metadata.get("actor") or str(Actor("unknown", "")),
        request_hash=metadata["request_hash"],
        created_at=created_at,
        updated_at=created_at,
    )


def _given(shipping: StripeObject | None) -> dict[str, Any] | None:
    """What was given of name, address and phone number; Stripe shows the rest as null."""
    if not shipping:
        return None
    address = shipping.get("address") or {}
    whole = {
        "name": shipping.get("name"),
        "phone": shipping.get("phone"),
        "address": {name: value for name, value in address.items() if value is not None} or None,
    }
    return {name: value for name, value in whole.items() if value is not None}


def moment(seconds: int) -> str:
    """A time of Stripe's, as our rows have it."""
    return timestamp(datetime.fromtimestamp(seconds, UTC))


def _seconds(at: str | None) -> int:
    return int(datetime.fromisoformat(at).timestamp()) if at else 0
