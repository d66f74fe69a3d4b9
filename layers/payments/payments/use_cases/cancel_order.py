"""Cancel an order, and then its payment."""

from typing import TYPE_CHECKING

from payments.domain.errors import (
    OrderNotFoundError,
    OrderNotPayableError,
    PaymentIntentMissingError,
    ServiceUnavailableError,
    VersionConflictError,
)
from payments.domain.order import CANCELED, PAID, Order
from payments.domain.payment_intent import CANCELABLE_STATUSES

if TYPE_CHECKING:
    from payments.domain.payment import Payment
    from payments.recorder import Recorder
    from payments.repositories.orders import OrdersRepository

_MAX_TRIES = 5


def cancel_order(order_id: str, *, orders: "OrdersRepository", recorder: "Recorder") -> Order:
    """Cancel an order that is not paid. Harmless twice. Nothing is refunded.

    First it is written that nothing may be charged any more, then Stripe is asked to cancel the
    payment. A confirmation under way may be faster at Stripe: then the order stays cancelled, and
    the payment tells that it was paid all the same.

    Raises:
        OrderNotFoundError: there is no such order in this mode.
        OrderNotPayableError: it is paid.
    """
    for _ in range(_MAX_TRIES):
        order = orders.get(order_id)
        if order.livemode != recorder.stripe.livemode:
            raise OrderNotFoundError
        payment = recorder.payments.get(order.payment_id) if order.payment_id else None
        if order.status == CANCELED:
            break
        if order.status == PAID:
            raise OrderNotPayableError(message="This order is paid.")
        try:
            order, payment = orders.cancel(order, payment)
        except VersionConflictError:
            continue
        break
    else:
        raise ServiceUnavailableError
    if payment and not payment.is_closed:
        _cancel(payment, recorder=recorder)
    return order


def _cancel(payment: "Payment", *, recorder: "Recorder") -> None:
    """Cancel the payment at Stripe, if that still allows it. Without an intent it just ends."""
    if payment.payment_intent_id is None:
        return  # reconciliation ends it
    try:
        intent = recorder.stripe.retrieve_payment_intent(payment.payment_intent_id)
        if intent.status in CANCELABLE_STATUSES | {"requires_capture"}:
            intent = recorder.stripe.cancel_payment_intent(payment.payment_intent_id)
    except PaymentIntentMissingError:
        recorder.lost(payment)
        return
    recorder.payment(payment, intent)
