"""Read a payment's current state from Stripe, and record it."""

from typing import TYPE_CHECKING

from payments.domain.errors import PaymentIntentMissingError
from payments.domain.payment import Payment

if TYPE_CHECKING:
    from payments.recorder import Recorder


def refresh_payment(payment: Payment, *, recorder: "Recorder") -> Payment:
    """The payment as Stripe sees it now; as it is, while it has no intent."""
    if payment.payment_intent_id is None:
        return payment
    try:
        intent = recorder.stripe.retrieve_payment_intent(
            payment.payment_intent_id, disputed=bool(payment.disputes)
        )
    except PaymentIntentMissingError:
        return recorder.lost(payment)
    recorded, _ = recorder.payment(payment, intent)
    return recorded
