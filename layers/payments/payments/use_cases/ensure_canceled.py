"""Make sure that a payment is cancelled at Stripe, if that still allows it."""

from typing import TYPE_CHECKING

from payments.domain.errors import (
    CardDeclinedError,
    PaymentMethodNotFoundError,
    PaymentNotCancelableError,
    PaymentNotConfirmableError,
    PaymentRefusedError,
    ServiceUnavailableError,
    ValidationError,
    VersionConflictError,
)
from payments.domain.payment import CANCEL, Instruction, Payment
from payments.domain.payment_intent import HELD
from payments.use_cases.carry_out import carry_out
from payments.use_cases.ensure_payment_intent import ensure_payment_intent
from payments.use_cases.refresh_payment import refresh_payment

if TYPE_CHECKING:
    from payments.recorder import Recorder

_MAX_TRIES = 5
_NO_INTENT = (
    CardDeclinedError,
    PaymentMethodNotFoundError,
    PaymentNotConfirmableError,
    PaymentRefusedError,
    ValidationError,
)


def ensure_canceled(
    payment: Payment, *, recorder: "Recorder", may_release_hold: bool = True
) -> Payment:
    """Cancel a payment that nothing was taken for. Harmless twice; nothing is ever refunded.

    A confirmation under way may be faster at Stripe: then both are told that it succeeded.

    Raises:
        PaymentNotCancelableError: it has succeeded or is over, or is about to be captured; or money
            is held for it, and may not be released.
    """
    for _ in range(_MAX_TRIES):
        if payment.payment_intent_id is None:
            payment = _with_intent(payment, recorder=recorder)
        if payment.capture_method == "manual" and not may_release_hold and not payment.is_final:
            payment = refresh_payment(payment, recorder=recorder)  # the row may not know of it yet
        if payment.status == "canceled":
            return payment
        if payment.status == HELD and not may_release_hold:
            raise PaymentNotCancelableError
        try:
            payment, instruction = _write_down(payment, recorder=recorder)
        except VersionConflictError:
            payment = recorder.payments.get(payment.payment_id)
            continue
        break
    else:
        raise ServiceUnavailableError
    try:
        payment = carry_out(payment, instruction, recorder=recorder)
    except (PaymentRefusedError, ValidationError) as error:
        raise PaymentNotCancelableError from error
    if payment.status != "canceled":
        raise PaymentNotCancelableError
    return payment


def _with_intent(payment: Payment, *, recorder: "Recorder") -> Payment:
    """The payment with its intent: whoever may be creating it creates this one."""
    try:
        intent = ensure_payment_intent(payment, recorder=recorder)
    except _NO_INTENT as error:
        raise PaymentNotCancelableError from error
    recorded, _ = recorder.payment(payment, intent)
    return recorded


def _write_down(payment: Payment, *, recorder: "Recorder") -> tuple[Payment, Instruction]:
    """Write down that it is to be cancelled, before Stripe is asked.

    Raises:
        VersionConflictError: someone else has written since.
    """
    instruction = Instruction(CANCEL, recorder.actor)
    if not instruction.is_possible(payment.status):
        raise PaymentNotCancelableError
    there = payment.instruction
    if there:
        if there.action != CANCEL:
            raise PaymentNotCancelableError
        return payment, there
    return recorder.payments.set_instruction(payment, instruction), instruction
