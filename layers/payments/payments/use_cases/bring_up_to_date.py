"""Bring one open payment up to date, wherever it stopped."""

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
    """What was done with a payment."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    FINISHED = "finished"  # its creation had been interrupted
    CANCELED = "canceled"  # it was abandoned
    DISCARDED = "discarded"  # Stripe refuses to create its intent, so it never started
    SKIPPED = "skipped"  # it belongs to another mode
    NOT_FOUND = "not_found"


def bring_up_to_date(
    payment_id: str, *, recorder: "Recorder", abandoned_before: datetime | None = None
) -> Result:
    """Record a payment's state; finish its creation or, if it was abandoned, cancel it.

    A payment is abandoned if it can still be cancelled and nobody has written to it since
    `abandoned_before`.

    Raises:
        PaymentsError: it did not work this time.
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
