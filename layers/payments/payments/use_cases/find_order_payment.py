"""Find the payment that an order has now: there is one at a time."""

from typing import TYPE_CHECKING

from payments.domain.errors import VersionConflictError
from payments.domain.order import Order, may_be_followed
from payments.domain.payment import EXPIRED, KeyUse, Payment

if TYPE_CHECKING:
    from payments.recorder import Recorder


def find_order_payment(order: Order, *, recorder: "Recorder") -> Payment | None:
    """The payment of an order that is not over, or None where its next one may start.

    The next one may start if there is none, or if the last can never move money.

    Raises:
        OrderNotPayableError: the order is over.
    """
    order.check_payable()
    if order.payment_id is None:
        return None
    payment = recorder.payments.get(order.payment_id)
    if payment.status == EXPIRED:  # Stripe may have done its work all the same
        intent = recorder.stripe.find_payment_intent(payment)
        if intent:
            payment, _ = recorder.payment(payment, intent)
    return None if may_be_followed(payment) else payment


def answer_with(payment: Payment, use: KeyUse, *, recorder: "Recorder") -> Payment:
    """Store that a key was answered with this payment, and return it.

    Raises:
        VersionConflictError: the same key was just answered with another one.
    """
    if recorder.payments.add_key_use(use) != use:
        raise VersionConflictError
    return payment
