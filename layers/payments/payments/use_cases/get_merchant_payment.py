"""Get, for the merchant: one payment, as Stripe sees it now."""

from typing import TYPE_CHECKING

from payments.domain.errors import PaymentIntentMissingError, PaymentNotFoundError

if TYPE_CHECKING:
    from payments.domain.payment import Payment
    from payments.recorder import Recorder


def get_merchant_payment(payment_id: str, *, recorder: "Recorder") -> "Payment":
    """Anybody's payment, brought up to date.

    Raises:
        PaymentNotFoundError: there is no such payment in this mode.
    """
    stripe = recorder.stripe
    payment = recorder.payments.get(payment_id)
    if payment.livemode != stripe.livemode:
        raise PaymentNotFoundError
    if payment.payment_intent_id is None:
        return payment
    try:
        intent = stripe.retrieve_payment_intent(
            payment.payment_intent_id, disputed=bool(payment.disputes)
        )
    except PaymentIntentMissingError:
        return recorder.lost(payment)
    recorded, _ = recorder.payment(payment, intent)
    return recorded
