"""Make an order that one person is to pay."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from payments.domain.actor import Actor
from payments.domain.clock import now, timestamp
from payments.domain.customer import ErasedPerson
from payments.domain.errors import IdempotencyKeyReusedError, ValidationError
from payments.domain.order import Order, OrderRequest, new_order, order_id_for

if TYPE_CHECKING:
    from payments.aws.user_pool import PoolAdministration
    from payments.repositories.customers import CustomersRepository
    from payments.repositories.orders import OrdersRepository

_OPEN_FOR = timedelta(days=1)  # unless the request says until when


def create_order(
    request: OrderRequest,
    *,
    caller: Actor,
    idempotency_key: str,
    livemode: bool,
    people: "PoolAdministration",
    customers: "CustomersRepository",
    orders: "OrdersRepository",
) -> Order:
    """Store the order, or return the one that this key has already made.

    Raises:
        ValidationError: it cannot be paid: an impossible total, a time that is past, or a person
            who is not there (any more).
        IdempotencyKeyReusedError: the key belongs to another order.
    """
    order_id = order_id_for(str(caller), idempotency_key, livemode=livemode)
    order = new_order(
        order_id,
        request,
        livemode=livemode,
        expires_at=request.expires_at or timestamp(datetime.now(UTC) + _OPEN_FOR),
        created_by=str(caller),
    )
    try:
        _check(order, people=people, customers=customers)
    except ValidationError:
        stored = orders.find_by_id(order_id)  # by a replay, since when this has come to be
        if stored is None:
            raise
        return _same(stored, request)
    return _same(orders.add(order), request)


def _same(stored: Order, request: OrderRequest) -> Order:
    if stored.request_hash != request.request_hash:
        raise IdempotencyKeyReusedError
    return stored


def _check(order: Order, *, people: "PoolAdministration", customers: "CustomersRepository") -> None:
    """Refuse an order that is over already, for nobody, or for somebody who is leaving."""
    if order.expires_at <= now():
        raise ValidationError([("expires_at", "is not in the future")])
    row = customers.find_row(order.user_id)
    if isinstance(row, ErasedPerson) or (row and row.deletion_requested_at):
        raise ValidationError([("user_id", "This account is being deleted.")])
    if row is None and people.find(order.user_id) is None:
        raise ValidationError([("user_id", "There is no such person.")])
