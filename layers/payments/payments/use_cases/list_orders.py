"""List the orders that the merchant looks for."""

from typing import TYPE_CHECKING

from payments.domain.order import Order
from payments.domain.order_search import OrderSearch
from payments.domain.page import Page

if TYPE_CHECKING:
    from payments.repositories.orders import OrdersRepository


def list_orders(
    search: OrderSearch, *, limit: int, cursor: str | None, orders: "OrdersRepository"
) -> Page[Order]:
    """A page of orders, newest first. It may be short and have a next one.

    Raises:
        ValidationError: the cursor is not valid.
    """
    return orders.find(search, limit=limit, cursor=cursor)
