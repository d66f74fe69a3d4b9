"""Rows, made again from what Stripe has. Pure: objects in, rows out.

What only our rows had is in the PaymentIntent's metadata: see `stripe_gateway.order_details`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
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
    PENDING,
    Payment,
    StatusChange,
)
from payments.domain.payment_event import REBUILD
from payments.domain.payment_intent import HELD, PaymentIntent
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


@dataclass(frozen=True, order=True)
class Fact:
    """Something that has happened, in whole seconds; `rank` orders what came in one of them."""

    seconds: int
    rank: int
    status: str
    id: str
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
    return replace(
        written,
        refunds=tuple(replace(each, updated_at=each.created_at) for each in written.refunds),
        history=tuple(_history(written, told, refused, refunds)),
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


def _history(
    written: Payment,
    told: StripeObject,
    refused: Sequence[StripeObject],
    refunds: Sequence[StripeObject],
) -> list[StatusChange]:
    """What Stripe still knows to have happened, in order.

    `written` has the lines that a first look at Stripe writes, with their ids. An id with a time in
    it is of something that may come again, and had another one before the loss: it is left out.
    """
    facts = [*_attempts(written, told, refused), *_before_decisions(written)]
    known = {fact.id for fact in facts}
    happened = _happened(written, told, refunds)
    unsure = []
    for rank, line in enumerate(written.history, start=10):
        if line.id in known:
            continue
        if seconds := happened.get(_object_in(line)):
            actor = _actors(refunds).get(_object_in(line), REBUILD)
            facts.append(Fact(seconds, rank, line.to_status, line.id, actor))
        else:
            unsure.append(line.to_status)
    return _chained(written.created_at, sorted(facts), unsure)


def _attempts(
    payment: Payment, told: StripeObject, refused: Sequence[StripeObject]
) -> Iterator[Fact]:
    """How it began, what was refused, and that money was held before it was taken or let go."""
    created = line_id(payment.payment_intent_id, "requires_confirmation")
    actor = payment.created_by or REBUILD
    yield Fact(told["created"], 0, "requires_confirmation", created, actor)
    for each in refused:
        id_ = line_id(each["id"], "requires_payment_method")
        yield Fact(each["created"], 1, "requires_payment_method", id_)
    charge = _charge_of(told)
    if charge and charge["status"] != "failed" and payment.capture_method == "manual":
        yield Fact(charge["created"], 2, HELD, line_id(payment.payment_intent_id, HELD))


def _before_decisions(payment: Payment) -> Iterator[Fact]:
    """What must have come before a dispute was decided."""
    for dispute in payment.disputes:
        if status := _BEFORE.get(DISPUTE_LINES.get(dispute.status, "")):
            id_ = line_id(dispute.dispute_id, status)
            yield Fact(_seconds(dispute.created_at), 3, status, id_)


def _happened(
    payment: Payment, told: StripeObject, refunds: Sequence[StripeObject]
) -> dict[str, int]:
    """When it happened what lines say of each object."""
    charge = _charge_of(told) or {}
    charged = charge.get("created") or told["created"]
    at = {each["id"]: each["created"] for each in refunds}
    at |= {each.dispute_id: _seconds(each.created_at) for each in payment.disputes}
    at |= {each.warning_id: charged for each in payment.fraud_warnings}
    if payment.review and payment.review.review_id:
        at[payment.review.review_id] = charged
    at[payment.payment_intent_id or ""] = told.get("canceled_at") or charged
    return at


def _actors(refunds: Sequence[StripeObject]) -> dict[str, str]:
    """Who asked for refunds, by their ids."""
    asked = {each["id"]: (each.get("metadata") or {}).get("actor") for each in refunds}
    return {refund_id: actor for refund_id, actor in asked.items() if actor}


def _object_in(line: StatusChange) -> str:
    return line.id.rpartition("-")[0]


def _charge_of(told: StripeObject) -> StripeObject | None:
    charge = told.get("latest_charge")
    return charge if isinstance(charge, Mapping) else None


def _chained(at: str, facts: Sequence[Fact], unsure: Sequence[str]) -> list[StatusChange]:
    lines: list[StatusChange] = []
    status = PENDING
    for fact in facts:
        at = max(at, moment(fact.seconds))
        lines.append(StatusChange(at, status, fact.status, REBUILD, fact.actor, fact.id))
        status = fact.status
    for each in unsure:
        if each != status or each in _COMES_AGAIN:
            lines.append(StatusChange(at, status, each, REBUILD, REBUILD))
            status = each
    return lines


# Another refusal after a refusal is a line of its own.
_COMES_AGAIN = frozenset({"requires_payment_method"})


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
