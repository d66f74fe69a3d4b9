"""Erase the people who asked for it some days ago."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from payments.domain.clock import now, timestamp
from payments.domain.customer import CustomerRow, ErasedPerson
from payments.use_cases.erase_account import erase_account

if TYPE_CHECKING:
    from payments.aws.user_pool import PoolAdministration
    from payments.domain.person import Person
    from payments.repositories.customers import CustomersRepository
    from payments.repositories.orders import OrdersRepository
    from payments.repositories.payments import PaymentsRepository
    from payments.stripe_gateway.gateway import StripeGateway

logger = Logger(child=True)


def erase_accounts(
    *,
    older_than: timedelta,
    has_time: Callable[[], bool],
    pool: "PoolAdministration",
    stripe: "StripeGateway",
    customers: "CustomersRepository",
    payments: "PaymentsRepository",
    orders: "OrdersRepository",
) -> Counter[str]:
    """Erase them while there is time, and count: erased, deferred, waiting, kept, failed.

    What one run leaves, the next one finds again: whoever is erased is no longer listed.
    """
    counts: Counter[str] = Counter(erased=0, deferred=0, waiting=0, kept=0, failed=0)
    asked_before = timestamp(datetime.now(UTC) - older_than)
    cursor = None
    while has_time():
        page = pool.list_deletion_requested(cursor=cursor)
        for listed in page.items:
            if not has_time():
                break
            try:
                outcome = _erase(
                    listed.user_id,
                    asked_before=asked_before,
                    pool=pool,
                    stripe=stripe,
                    customers=customers,
                    payments=payments,
                    orders=orders,
                )
            except Exception:  # one person must not keep the others
                logger.exception("account not erased", extra={"user_id": listed.user_id})
                outcome = "failed"
            counts[outcome] += 1
        cursor = page.next_cursor
        if cursor is None:
            break
    return counts


def _erase(
    user_id: str,
    *,
    asked_before: str,
    pool: "PoolAdministration",
    stripe: "StripeGateway",
    customers: "CustomersRepository",
    payments: "PaymentsRepository",
    orders: "OrdersRepository",
) -> str:
    """Erase one of them if it is time, and say what became of it."""
    person = pool.find(user_id)  # the list may be a moment old
    if person is None:
        return "erased"
    if person.deletion_requested_at is None:
        return "kept"
    row = _remembered(person, customers=customers)
    if person.deletion_requested_at > asked_before:
        return "waiting"
    deferrals = erase_account(
        person,
        row,
        pool=pool,
        stripe=stripe,
        customers=customers,
        payments=payments,
        orders=orders,
    )
    return "deferred" if deferrals else "erased"


def _remembered(person: "Person", *, customers: "CustomersRepository") -> CustomerRow:
    """The person's row, which says that they asked: one that was restored has forgotten it."""
    row = customers.find_row(person.user_id)
    if isinstance(row, ErasedPerson) or (row and row.deletion_requested_at):
        return row
    assert person.deletion_requested_at
    return customers.request_deletion(
        person.user_id, at=person.deletion_requested_at, signed_out_at=now()
    )
