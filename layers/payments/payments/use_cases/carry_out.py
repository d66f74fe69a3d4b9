"""Ask Stripe to do what is written down for a payment: capture it, or cancel it."""

from typing import TYPE_CHECKING

from payments.domain.actor import PERSON, Actor
from payments.domain.errors import (
    AmountTooLargeError,
    PaymentIntentMissingError,
    PaymentRefusedError,
    ServiceUnavailableError,
    ValidationError,
    VersionConflictError,
)
from payments.domain.payment import CAPTURE, Instruction, Payment
from payments.domain.payment_intent import PaymentIntent

if TYPE_CHECKING:
    from payments.recorder import Recorder
    from payments.stripe_gateway.gateway import StripeGateway

_REFUSALS = (AmountTooLargeError, PaymentRefusedError, ValidationError)
_MAX_TRIES = 5


def carry_out(payment: Payment, instruction: Instruction, *, recorder: "Recorder") -> Payment:
    """Capture or cancel a payment; what Stripe says about it after that is recorded.

    Whether it was done, the payment's status tells. If Stripe refuses for good, nobody asks it for
    that again.

    Raises:
        AmountTooLargeError, PaymentRefusedError, ValidationError: Stripe refuses it for good.
    """
    payment_intent_id = payment.payment_intent_id or ""
    try:
        intent = ask_stripe(payment_intent_id, instruction, stripe=recorder.stripe)
    except _REFUSALS:
        _forget(payment.payment_id, instruction, recorder=recorder)
        raise
    except PaymentIntentMissingError:
        return recorder.lost(payment)
    recorded, _ = recorder.payment(payment, intent)
    return recorded


def ask_stripe(
    payment_intent_id: str, instruction: Instruction, *, stripe: "StripeGateway"
) -> PaymentIntent:
    """The intent after Stripe was asked; unchanged if its state does not allow it."""
    if instruction.action == CAPTURE and instruction.amount is not None:
        return stripe.capture_payment_intent(payment_intent_id, amount=instruction.amount)
    if Actor.parse(instruction.actor).kind == PERSON:
        return stripe.cancel_payment_intent(payment_intent_id, reason="requested_by_customer")
    return stripe.cancel_payment_intent(payment_intent_id)


def _forget(payment_id: str, instruction: Instruction, *, recorder: "Recorder") -> None:
    for _ in range(_MAX_TRIES):
        payment = recorder.payments.get(payment_id)
        if payment.instruction != instruction:
            return
        try:
            recorder.payments.set_instruction(payment, None)
        except VersionConflictError:
            continue
        return
    raise ServiceUnavailableError
