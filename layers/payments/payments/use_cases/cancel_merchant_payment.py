"""Cancel, for the merchant: any payment that nothing was taken for."""

from typing import TYPE_CHECKING

from payments import logs
from payments.domain.errors import PaymentNotFoundError
from payments.domain.payment import Payment
from payments.use_cases.ensure_canceled import ensure_canceled

if TYPE_CHECKING:
    from payments.recorder import Recorder


def cancel_merchant_payment(payment_id: str, *, recorder: "Recorder") -> Payment:
    """Cancel anybody's payment; money that is held for it is let go. Its order stays open.

    Raises:
        PaymentNotFoundError: there is no such payment in this mode.
        PaymentNotCancelableError: it has succeeded or is over, or is about to be captured.
    """
    logs.note(payment_id=payment_id)
    payment = recorder.payments.get(payment_id)
    if payment.livemode != recorder.stripe.livemode:
        raise PaymentNotFoundError
    return ensure_canceled(payment, recorder=recorder)
