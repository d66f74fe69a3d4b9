"""Cancel an order, and then its payment."""

from contextlib import suppress
from typing import TYPE_CHECKING

from payments.domain.errors import (
    OrderNotFoundError,
    OrderNotPayableError,
    PaymentNotCancelableError,
    ServiceUnavailableError,
    VersionConflictError,
)
from payments.domain.order import CANCELED, PAID, Order
from payments.use_cases.ensure_canceled import ensure_canceled

if TYPE_CHECKING:
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
        with suppress(PaymentNotCancelableError):  # it was paid all the same, which is told
            ensure_canceled(payment, recorder=recorder)
    return order
