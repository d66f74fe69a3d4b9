"""Make sure that a payment has a PaymentIntent at Stripe: create it if that was interrupted."""

from typing import TYPE_CHECKING

from payments.domain.errors import (
    CardDeclinedError,
    CustomerMissingError,
    FailureRememberedError,
    IdempotencyKeyReusedError,
    PaymentIntentMissingError,
    PaymentMethodNotFoundError,
    PaymentNotConfirmableError,
    PaymentRefusedError,
    PaymentsError,
    StripeUnavailableError,
    ValidationError,
    VersionConflictError,
)
from payments.domain.payment import OUR_ENDS, REFUSED, Payment
from payments.domain.payment_intent import LastPaymentError, PaymentIntent

if TYPE_CHECKING:
    from payments.domain.order import Order
    from payments.recorder import Recorder

_NO_CARD = "payment_method_not_found"
_NO_AMOUNT = "amount_not_chargeable"


def ensure_payment_intent(
    payment: Payment, *, recorder: "Recorder", order: "Order | None" = None
) -> PaymentIntent:
    """The payment's current intent; if it does not exist yet, create it first.

    `order` is the payment's, if it is at hand: it has what the intent tells of the delivery.
    If Stripe refuses to create it for good, the row ends as refused, with the reason.

    Raises:
        PaymentMethodNotFoundError, ValidationError, PaymentRefusedError: Stripe refused, now or
            before.
        PaymentNotConfirmableError: the payment has ended without Stripe.
    """
    if payment.payment_intent_id:
        return _existing(payment, payment.payment_intent_id, recorder=recorder)
    if payment.status in OUR_ENDS:
        raise _why_it_ended(payment)
    lost = recorder.rows_may_be_lost
    if payment.stripe_may_have_forgotten or payment.key_generation > 1 or lost:
        found = recorder.stripe.find_payment_intent(payment, before_its_row=lost)
        if found:
            return found
    if payment.order_id and order is None:
        order = recorder.orders.get(payment.order_id)
    try:
        return _create(payment, order, recorder=recorder)
    except (FailureRememberedError, IdempotencyKeyReusedError):
        return _create_with_next_key(payment, order, recorder=recorder)


def _existing(payment: Payment, payment_intent_id: str, *, recorder: "Recorder") -> PaymentIntent:
    try:
        return recorder.stripe.retrieve_payment_intent(
            payment_intent_id, disputed=bool(payment.disputes)
        )
    except PaymentIntentMissingError as error:
        recorder.lost(payment)
        raise PaymentNotConfirmableError from error


def _create(payment: Payment, order: "Order | None", *, recorder: "Recorder") -> PaymentIntent:
    try:
        return recorder.stripe.create_payment_intent(payment, order)
    except CustomerMissingError as error:  # the cards went with the customer
        raise _refused(payment, _NO_CARD, recorder=recorder) from error
    except PaymentMethodNotFoundError as error:
        raise _refused(payment, _NO_CARD, recorder=recorder) from error
    except ValidationError as error:
        raise _refused(payment, _NO_AMOUNT, recorder=recorder) from error
    except CardDeclinedError as error:
        raise _refused(payment, error.decline_code, recorder=recorder) from error
    except PaymentRefusedError as error:
        code = error.code or error.param or REFUSED
        raise _refused(payment, code, recorder=recorder) from error


def _create_with_next_key(
    payment: Payment, order: "Order | None", *, recorder: "Recorder"
) -> PaymentIntent:
    """Create the intent where its idempotency key leads nowhere for the rest of the day.

    Stripe may have done its work before it failed, another release of ours may have asked with
    other parameters, or the row was lost and written again, with another time and perhaps another
    price. So what exists is looked for first, however old it is. The next key is stored before it
    is used: everybody uses the same one.
    """
    found = recorder.stripe.find_payment_intent(payment, before_its_row=True)
    if found:
        return found
    try:
        return _create(_with_next_key(payment, recorder=recorder), order, recorder=recorder)
    except (VersionConflictError, IdempotencyKeyReusedError) as error:
        raise StripeUnavailableError from error  # somebody else is at it


def _with_next_key(payment: Payment, *, recorder: "Recorder") -> Payment:
    try:
        return recorder.payments.next_key_generation(payment)
    except VersionConflictError:
        stored = recorder.payments.get(payment.payment_id)
        if (stored.version, stored.key_generation) != (
            payment.version + 1,
            payment.key_generation + 1,
        ):
            raise
        return stored  # we have written it, and the answer was lost; or somebody else has


def _refused(payment: Payment, code: str, *, recorder: "Recorder") -> PaymentsError:
    """End the payment, and return the error that tells of it."""
    reason = LastPaymentError(code, None, "The payment provider refused this payment.")
    recorder.end(payment, REFUSED, reason)
    return _refusal(payment, code)


def _why_it_ended(payment: Payment) -> PaymentsError:
    """The error that told of the end when it happened."""
    if payment.status != REFUSED or payment.last_payment_error is None:
        return PaymentNotConfirmableError()
    return _refusal(payment, payment.last_payment_error.code)


def _refusal(payment: Payment, code: str) -> PaymentsError:
    if code == _NO_CARD:
        return PaymentMethodNotFoundError()
    if code == _NO_AMOUNT:
        field = "order_id" if payment.order_id else "items"
        return ValidationError([(field, "We cannot charge this total.")])
    return PaymentRefusedError(code=code, param=None)
