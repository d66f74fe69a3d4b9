"""Export: everything that is kept of a person."""

from typing import TYPE_CHECKING

from payments.domain.card import PaymentMethod
from payments.domain.customer import CustomerRow, User, check_not_erased, usable_customer
from payments.domain.errors import AccountErasedError, CustomerMissingError
from payments.domain.export import Export
from payments.domain.order import Order
from payments.domain.page import Page
from payments.domain.payment import Payment
from payments.use_cases.find_deletion import deletion_requested_at

if TYPE_CHECKING:
    from payments.aws.user_pool import PoolAdministration
    from payments.repositories.customers import CustomersRepository
    from payments.repositories.orders import OrdersRepository
    from payments.repositories.payments import PaymentsRepository
    from payments.stripe_gateway.gateway import StripeGateway

_PAGE = 100
_AMONG_ORDERS = "orders."  # a cursor that continues with orders; those of payments have no dot


def export_account(
    *,
    user: User,
    cursor: str | None,
    pool: "PoolAdministration",
    stripe: "StripeGateway",
    customers: "CustomersRepository",
    payments: "PaymentsRepository",
    orders: "OrdersRepository",
) -> Export:
    """What is kept of the person; `cursor` continues with their next payments and orders.

    Raises:
        ValidationError: the cursor is not valid.
        AccountErasedError: the account was erased.
    """
    row = customers.find_row(user.user_id)
    check_not_erased(row)
    paid, ordered, next_cursor = _page(user.user_id, cursor, payments=payments, orders=orders)
    person = pool.find(user.user_id)
    if person is None:
        raise AccountErasedError
    return Export(
        person=person,
        row=row,
        requested_at=deletion_requested_at(user, person, row),
        payment_methods=_cards(row, stripe=stripe),
        payments=paid,
        orders=ordered,
        next_cursor=next_cursor,
    )


def _page(
    user_id: str,
    cursor: str | None,
    *,
    payments: "PaymentsRepository",
    orders: "OrdersRepository",
) -> tuple[list[Payment], list[Order], str | None]:
    """Payments first; the page with the last of them is the first one with orders."""
    paid: Page[Payment] = Page(items=[], next_cursor=None)
    ordered: Page[Order] = Page(items=[], next_cursor=None)
    among_orders = cursor is not None and cursor.startswith(_AMONG_ORDERS)
    position = cursor.removeprefix(_AMONG_ORDERS) if cursor else None
    if not among_orders:
        paid = payments.list_for_user(user_id, limit=_PAGE, cursor=position)
        position = None
    if paid.next_cursor is None:
        ordered = orders.list_for_user(user_id, limit=_PAGE, cursor=position)
    next_order = ordered.next_cursor and f"{_AMONG_ORDERS}{ordered.next_cursor}"
    return paid.items, ordered.items, paid.next_cursor or next_order


def _cards(row: CustomerRow | None, *, stripe: "StripeGateway") -> list[PaymentMethod]:
    """Every card, also one that only stays for an open payment."""
    customer = usable_customer(row, livemode=stripe.livemode)
    if customer is None:
        return []
    try:
        return stripe.list_all_payment_methods(customer.stripe_customer_id)
    except CustomerMissingError:
        return []
