"""Get, for the merchant: one order, whoever is to pay it."""

from typing import TYPE_CHECKING

from payments.domain.errors import OrderNotFoundError

if TYPE_CHECKING:
    from payments.domain.order import Order
    from payments.repositories.orders import OrdersRepository


def get_merchant_order(order_id: str, *, livemode: bool, orders: "OrdersRepository") -> "Order":
    """The order.

    Raises:
        OrderNotFoundError: there is none in this mode.
    """
    order = orders.get(order_id)
    if order.livemode != livemode:
        raise OrderNotFoundError
    return order
