"""Get, for the merchant: one payment, as Stripe sees it now."""

from typing import TYPE_CHECKING

from payments.domain.errors import PaymentNotFoundError
from payments.use_cases.refresh_payment import refresh_payment

if TYPE_CHECKING:
    from payments.domain.payment import Payment
    from payments.recorder import Recorder


def get_merchant_payment(payment_id: str, *, recorder: "Recorder") -> "Payment":
    """Anybody's payment, brought up to date.

    Raises:
        PaymentNotFoundError: there is no such payment in this mode.
    """
    payment = recorder.payments.get(payment_id)
    if payment.livemode != recorder.stripe.livemode:
        raise PaymentNotFoundError
    return refresh_payment(payment, recorder=recorder)
