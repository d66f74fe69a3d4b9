"""Fields whose values are fixed: the lists are the code's own, or those of Stripe's SDK."""

import importlib
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args

import stripe

from payments.domain import consent, erasure, order, payment, radar
from payments.domain.payment import StatusChange
from payments.domain.payment_event import type_of
from payments.domain.payment_intent import AUTHENTICATION_REQUIRED
from payments.domain.stripe_event import EventOutcome

_FUNCTIONS = Path(__file__).resolve().parents[2] / "functions"


def _of_stripe(kind: type[Any], field: str) -> list[str]:
    """The values that a field of Stripe's may have, by the SDK's type of it."""
    for part in get_args(kind.__annotations__[field]):
        if getattr(part, "__origin__", None) is Literal:
            return sorted(get_args(part))
    raise LookupError(f"the SDK does not list the values of {kind.__name__}.{field}")


def _steps() -> Iterable[str]:
    """The names that the steps write into the history of payments."""
    for path in _FUNCTIONS.glob("*/handler.py"):
        recorder = getattr(
            importlib.import_module(f"functions.{path.parent.name}.handler"), "recorder", None
        )
        if isinstance(recorder, partial):
            yield recorder.keywords["by"]
    yield from ("reconcile", "rebuild")


_PAYMENT = [payment.PENDING, *_of_stripe(stripe.PaymentIntent, "status"), *sorted(payment.OUR_ENDS)]
_HISTORY = [
    *_PAYMENT,
    AUTHENTICATION_REQUIRED,
    payment.HOLD_EXPIRED,
    payment.ORDER_CANCELED_BUT_PAID,
    "partially_refunded",
    "refunded",
    payment.REFUND_REFUSED,
    *payment.REFUND_LINES.values(),
    "disputed",
    *dict.fromkeys(payment.DISPUTE_LINES.values()),
    radar.REVIEW,
    radar.REVIEW_CLOSED,
    radar.EARLY_FRAUD_WARNING,
]
_REFUND = ["succeeded", *payment.REFUND_LINES]

# The values by the name that they have in the document.
VALUES: Mapping[str, list[str]] = {
    "PaymentStatus": _PAYMENT,
    "HistoryStatus": _HISTORY,
    "HistoryStep": sorted({*_steps()}),
    "PaymentSearchStatus": [*_PAYMENT, "disputed"],
    "CaptureMethod": ["automatic", "manual"],
    "OrderStatus": [order.OPEN, order.PAID, order.EXPIRED, order.CANCELED],
    "OrderClosed": [order.CANCELED],
    "RefundStatus": _REFUND,
    "RefundReason": _of_stripe(stripe.Refund, "reason"),
    "DisputeStatus": _of_stripe(stripe.Dispute, "status"),
    "SetupIntentStatus": _of_stripe(stripe.SetupIntent, "status"),
    "CardUsage": [consent.ON_SESSION, consent.OFF_SESSION],
    "DeferralReason": [
        erasure.OPEN_PAYMENT,
        erasure.DISPUTE,
        erasure.SUBSCRIPTION,
        erasure.INVOICE,
        erasure.UNCHECKED,
    ],
    "EventOutcome": [str(outcome) for outcome in EventOutcome],
    "PaymentEventType": sorted(
        {"payment.created"}
        | {type_of(StatusChange("", "", to, "")) for to in _HISTORY if to != payment.PENDING}
    ),
}

# Whose values they are: `Model.field` comes before `field`.
_NAMES: Mapping[str, str] = {
    "from_status": "HistoryStatus",
    "to_status": "HistoryStatus",
    "by": "HistoryStep",
    "dispute_status": "DisputeStatus",
    "capture_method": "CaptureMethod",
    "order_closed": "OrderClosed",
    "usage": "CardUsage",
    "outcome": "EventOutcome",
    "DeferralResponse.reason": "DeferralReason",
    "RefundResponse.reason": "RefundReason",
    "RefundResponse.status": "RefundStatus",
    "PaymentRefundResponse.status": "RefundStatus",
    "ExportedRefundResponse.status": "RefundStatus",
    "DisputeResponse.status": "DisputeStatus",
    "ExportedDisputeResponse.status": "DisputeStatus",
    "OrderResponse.status": "OrderStatus",
    "ExportedOrderResponse.status": "OrderStatus",
    "MerchantOrderResponse.status": "OrderStatus",
    "MerchantOrderAndPersonResponse.status": "OrderStatus",
    "SetupIntentResponse.status": "SetupIntentStatus",
    "PaymentResponse.status": "PaymentStatus",
    "PaymentDetailsResponse.status": "PaymentStatus",
    "ExportedPaymentResponse.status": "PaymentStatus",
    "MerchantPaymentResponse.status": "PaymentStatus",
    "MerchantPaymentDetailsResponse.status": "PaymentStatus",
    "MerchantPaymentAndPersonResponse.status": "PaymentStatus",
    "SearchPaymentsQuery.status": "PaymentSearchStatus",
    "SearchOrdersQuery.status": "OrderStatus",
    "PaymentSnapshot.status": "PaymentStatus",
    "PaymentEvent.type": "PaymentEventType",
}

_TIMES = frozenset({"at", "erased_after", "capture_before", "evidence_due_by", "from", "to"})


def values_of(model: str, field: str) -> str | None:
    """The name of a field's values, if they are fixed."""
    return _NAMES.get(f"{model}.{field}") or _NAMES.get(field)


def is_time(field: str) -> bool:
    """Whether a field is a time: RFC 3339, in UTC."""
    return field in _TIMES or field.endswith("_at")
