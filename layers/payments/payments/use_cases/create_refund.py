"""Refund: reserve the amount, then give it back."""

from typing import TYPE_CHECKING

from payments import logs
from payments.domain.errors import (
    IdempotencyKeyReusedError,
    PaymentNotFoundError,
    ServiceUnavailableError,
    VersionConflictError,
)
from payments.domain.payment import Payment
from payments.domain.refund import (
    RefundState,
    RefundWish,
    RequestedRefund,
    at_stripe,
    is_refundable,
    new_refund,
    refund_id_for,
    state_of,
)
from payments.use_cases.refresh_payment import refresh_payment
from payments.use_cases.send_refund import send_refund

if TYPE_CHECKING:
    from payments.recorder import Recorder
    from payments.repositories.refunds import RefundsRepository

_MAX_TRIES = 5


def create_refund(
    payment_id: str,
    wish: RefundWish,
    *,
    idempotency_key: str,
    refunds: "RefundsRepository",
    recorder: "Recorder",
) -> RefundState:
    """Give money back, or return the refund that this key already asked for.

    Raises:
        PaymentNotFoundError: there is no such payment in this mode.
        IdempotencyKeyReusedError: the key asked for another refund of this payment.
        AmountTooLargeError: more than what is left.
        PaymentNotRefundableError: no money was taken, or Stripe refuses to give it back.
        ValidationError: Stripe moves no such amount in this currency.
    """
    refund_id = refund_id_for(payment_id, idempotency_key)
    logs.note(refund_id=refund_id)
    payment, refund, is_new = _reserve(
        payment_id, refund_id, wish, refunds=refunds, recorder=recorder
    )
    if refund.refusal:
        raise refund.refusal
    if at_stripe(payment, refund_id) is None and not is_new:  # it was cut off, or is under way
        payment = refresh_payment(payment, recorder=recorder)
    if at_stripe(payment, refund_id) is None:
        payment = send_refund(refund, payment, refunds=refunds, recorder=recorder)
    return state_of(payment, refund)


def _reserve(
    payment_id: str,
    refund_id: str,
    wish: RefundWish,
    *,
    refunds: "RefundsRepository",
    recorder: "Recorder",
) -> tuple[Payment, RequestedRefund, bool]:
    """Write down what is to be given back, unless that was done; also tell whether it is new."""
    for _ in range(_MAX_TRIES):
        payment, refund = refunds.load(payment_id, refund_id)
        if payment.livemode != recorder.stripe.livemode:
            raise PaymentNotFoundError
        if refund:
            if refund.request_hash != wish.request_hash:
                raise IdempotencyKeyReusedError
            return payment, refund, False
        if not is_refundable(payment, wish):  # as far as the row knows
            payment = refresh_payment(payment, recorder=recorder)
        refund = new_refund(refund_id, payment, wish, actor=recorder.actor)
        try:
            return refunds.add(refund, payment), refund, True
        except VersionConflictError:
            continue
    raise ServiceUnavailableError
