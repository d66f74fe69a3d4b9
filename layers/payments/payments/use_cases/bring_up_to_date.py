"""Bring up to date: one open payment, from wherever it was left."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from payments.domain.clock import timestamp
from payments.domain.errors import (
    IdempotencyKeyReusedError,
    PaymentMethodNotFoundError,
    PaymentNotFoundError,
    ValidationError,
)
from payments.domain.payment_intent import CANCELABLE_STATUSES
from payments.use_cases.ensure_payment_intent import ensure_payment_intent

if TYPE_CHECKING:
    from payments.recorder import Recorder


class Result(StrEnum):
    """What was done about a payment."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    FINISHED = "finished"  # its creation had been cut off
    CANCELED = "canceled"  # it was abandoned
    DISCARDED = "discarded"  # Stripe refuses to create its intent, so it never began
    SKIPPED = "skipped"  # of another mode
    NOT_FOUND = "not_found"


def bring_up_to_date(
    payment_id: str, *, recorder: "Recorder", abandoned_before: datetime | None = None
) -> Result:
    """Record where a payment stands; start it if that was cut off, cancel it if it was abandoned.

    Abandoned is what can still be cancelled and nobody has written to since `abandoned_before`.

    Raises:
        PaymentsError: it could not be done now.
    """
    stripe, payments = recorder.stripe, recorder.payments
    try:
        payment = payments.get(payment_id)
    except PaymentNotFoundError:
        return Result.NOT_FOUND
    if payment.livemode != stripe.livemode:
        return Result.SKIPPED
    try:
        intent = ensure_payment_intent(payment, stripe=stripe, payments=payments)
    except (PaymentMethodNotFoundError, ValidationError, IdempotencyKeyReusedError):
        return Result.DISCARDED
    abandoned = abandoned_before and payment.updated_at < timestamp(abandoned_before)
    if abandoned and intent.status in CANCELABLE_STATUSES:
        intent = stripe.cancel_payment_intent(intent.payment_intent_id)
    recorded, intent = recorder.payment(payment, intent)
    if recorded.version == payment.version:
        return Result.UNCHANGED
    if intent.status == "canceled":
        return Result.CANCELED
    return Result.CHANGED if payment.payment_intent_id else Result.FINISHED
