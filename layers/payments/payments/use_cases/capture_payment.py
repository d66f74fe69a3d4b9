"""Capture: take what is held for a payment, or a part of it."""

from typing import TYPE_CHECKING

from payments import logs
from payments.domain.currency import written
from payments.domain.errors import (
    AmountTooLargeError,
    PaymentNotCapturableError,
    PaymentNotFoundError,
    PaymentRefusedError,
    ServiceUnavailableError,
    VersionConflictError,
)
from payments.domain.payment import CAPTURE, Instruction, Payment
from payments.domain.payment_intent import HELD
from payments.domain.refund import check_multiple
from payments.use_cases.carry_out import carry_out
from payments.use_cases.refresh_payment import refresh_payment

if TYPE_CHECKING:
    from payments.recorder import Recorder

_MAX_TRIES = 5


def capture_payment(payment_id: str, *, amount: int | None, recorder: "Recorder") -> Payment:
    """Take this much of what is held, or all of it, and let go of the rest.

    Again with the same amount, it does nothing.

    Raises:
        PaymentNotFoundError: there is no such payment in this mode.
        AmountTooLargeError: more than what is held.
        PaymentNotCapturableError: nothing is held, or another amount was, or is being, captured.
        ValidationError: Stripe moves no such amount in this currency.
    """
    logs.note(payment_id=payment_id)
    for _ in range(_MAX_TRIES):
        payment = recorder.payments.get(payment_id)
        if payment.livemode != recorder.stripe.livemode:
            raise PaymentNotFoundError
        if payment.status != HELD and not payment.is_final:  # as far as the row knows
            payment = refresh_payment(payment, recorder=recorder)
        if payment.status == "succeeded":
            return _captured(payment, amount)
        if payment.status != HELD:
            raise PaymentNotCapturableError
        try:
            payment, instruction = _write_down(payment, amount, recorder=recorder)
        except VersionConflictError:
            continue
        break
    else:
        raise ServiceUnavailableError
    try:
        payment = carry_out(payment, instruction, recorder=recorder)
    except PaymentRefusedError as error:
        raise PaymentNotCapturableError from error
    if payment.status != "succeeded":
        raise PaymentNotCapturableError
    return _captured(payment, instruction.amount)


def _captured(payment: Payment, amount: int | None) -> Payment:
    """The payment, if this is what was captured."""
    wanted = payment.amount if amount is None else amount
    if payment.capture_method != "manual" or wanted != payment.amount_received:
        raise PaymentNotCapturableError
    return payment


def _write_down(
    payment: Payment, amount: int | None, *, recorder: "Recorder"
) -> tuple[Payment, Instruction]:
    """Write down how much is to be captured, before Stripe is asked.

    Raises:
        VersionConflictError: someone else has written since.
    """
    held = payment.amount_capturable
    wanted = held if amount is None else amount
    check_multiple(wanted, payment.currency)
    if wanted > held:
        raise AmountTooLargeError(f"At most {written(held, payment.currency)} can be captured.")
    there = payment.instruction
    if there:
        if (there.action, there.amount) != (CAPTURE, wanted):
            raise PaymentNotCapturableError
        return payment, there
    instruction = Instruction(CAPTURE, recorder.actor, wanted)
    return recorder.payments.set_instruction(payment, instruction), instruction
