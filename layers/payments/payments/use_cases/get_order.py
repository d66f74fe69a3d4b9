"""Get: an order that a person is to pay."""

from typing import TYPE_CHECKING

from payments.domain.customer import User, check_not_being_deleted
from payments.domain.errors import OrderNotFoundError

if TYPE_CHECKING:
    from payments.domain.order import Order
    from payments.repositories.customers import CustomersRepository
    from payments.repositories.orders import OrdersRepository


def get_order(
    order_id: str,
    *,
    user: User,
    livemode: bool,
    customers: "CustomersRepository",
    orders: "OrdersRepository",
) -> "Order":
    """The person's order.

    Raises:
        OrderNotFoundError: they have no such order in this mode.
        AccountBeingDeletedError, AccountErasedError: they asked for the deletion.
    """
    check_not_being_deleted(user, customers.find_row(user.user_id))
    order = orders.get(order_id)
    if order.user_id != user.user_id or order.livemode != livemode:
        raise OrderNotFoundError
    return order
