"""Ask Stripe for a refund that is written down, and record what came of it."""

from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from payments.domain.errors import (
    AmountTooLargeError,
    FailureRememberedError,
    IdempotencyKeyReusedError,
    PaymentIntentMissingError,
    PaymentNotRefundableError,
    ServiceUnavailableError,
    StripeUnavailableError,
    VersionConflictError,
)
from payments.domain.payment import Payment
from payments.domain.payment_intent import PaymentIntent
from payments.domain.refund import TOO_LARGE, RequestedRefund, at_stripe

if TYPE_CHECKING:
    from payments.recorder import Recorder
    from payments.repositories.refunds import RefundsRepository

logger = Logger(child=True)

_MAX_TRIES = 5


def send_refund(
    refund: RequestedRefund,
    payment: Payment,
    *,
    refunds: "RefundsRepository",
    recorder: "Recorder",
) -> Payment:
    """Have Stripe make this refund, once however often it is sent; return the payment after that.

    If Stripe refuses for good, its amount is released, and the row keeps the reason.

    Raises:
        AmountTooLargeError, PaymentNotRefundableError: Stripe refuses it for good.
    """
    try:
        intent = _send(refund, payment, refunds=refunds, recorder=recorder)
    except (AmountTooLargeError, PaymentNotRefundableError) as refusal:
        refuse_refund(refund, _why(refusal), refunds=refunds, recorder=recorder)
        raise
    except PaymentIntentMissingError as error:
        recorder.lost(payment)  # raises if our key is another account's
        refuse_refund(refund, "resource_missing", refunds=refunds, recorder=recorder)
        raise PaymentNotRefundableError("resource_missing") from error
    recorded, _ = recorder.payment(payment, intent)
    return recorded


def refuse_refund(
    refund: RequestedRefund, why: str, *, refunds: "RefundsRepository", recorder: "Recorder"
) -> None:
    """Release the amount of a refund that cannot be made, and keep the reason.

    Raises:
        ServiceUnavailableError: others kept writing.
    """
    by, actor = recorder.by, refund.actor or recorder.actor
    for _ in range(_MAX_TRIES):
        payment, stored = refunds.load(refund.payment_id, refund.refund_id)
        if stored is None or stored.refused or not _is_requested(payment, refund):
            return
        try:
            refunds.refuse(stored, payment, why=why, by=by, actor=actor)
        except VersionConflictError:
            continue
        extra = {"payment_id": refund.payment_id, "refund_id": refund.refund_id, "reason": why}
        logger.warning("refund refused", extra=extra)
        return
    raise ServiceUnavailableError


def _send(
    refund: RequestedRefund,
    payment: Payment,
    *,
    refunds: "RefundsRepository",
    recorder: "Recorder",
) -> PaymentIntent:
    payment_intent_id = payment.payment_intent_id or ""
    try:
        return recorder.stripe.create_refund(refund, payment_intent_id)
    except (FailureRememberedError, IdempotencyKeyReusedError):
        # The key leads nowhere for a day, but Stripe may have done its work before it failed.
        intent = recorder.stripe.retrieve_payment_intent(
            payment_intent_id, disputed=bool(payment.disputes)
        )
        if any(each.requested_as == refund.refund_id for each in intent.refunds):
            return intent
    try:
        later = _with_next_key(refund, refunds=refunds)
        return recorder.stripe.create_refund(later, payment_intent_id)
    except (VersionConflictError, IdempotencyKeyReusedError) as error:
        raise StripeUnavailableError from error  # somebody else is at it


def _with_next_key(refund: RequestedRefund, *, refunds: "RefundsRepository") -> RequestedRefund:
    """The refund with its next key, stored before it is used: everybody uses the same one."""
    try:
        return refunds.next_key_generation(refund)
    except VersionConflictError:
        _, stored = refunds.load(refund.payment_id, refund.refund_id)
        if stored is None or stored.key_generation != refund.key_generation + 1:
            raise
        return stored  # we have written it, and the answer was lost; or somebody else has


def _is_requested(payment: Payment, refund: RequestedRefund) -> bool:
    return at_stripe(payment, refund.refund_id) is None and any(
        request.refund_id == refund.refund_id for request in payment.refund_requests
    )


def _why(refusal: AmountTooLargeError | PaymentNotRefundableError) -> str:
    if isinstance(refusal, AmountTooLargeError):
        return TOO_LARGE
    return refusal.reason or "unknown"
