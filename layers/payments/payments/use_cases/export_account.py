"""Export: everything that is kept of a person."""

from typing import TYPE_CHECKING

from payments.domain.card import PaymentMethod
from payments.domain.customer import CustomerRow, User, check_not_erased, usable_customer
from payments.domain.errors import AccountErasedError, CustomerMissingError
from payments.domain.export import Export
from payments.use_cases.find_deletion import deletion_requested_at

if TYPE_CHECKING:
    from payments.aws.user_pool import PoolAdministration
    from payments.repositories.customers import CustomersRepository
    from payments.repositories.payments import PaymentsRepository
    from payments.stripe_gateway.gateway import StripeGateway

_PAGE = 100


def export_account(
    *,
    user: User,
    cursor: str | None,
    pool: "PoolAdministration",
    stripe: "StripeGateway",
    customers: "CustomersRepository",
    payments: "PaymentsRepository",
) -> Export:
    """What is kept of the person; `cursor` continues with their next payments.

    Raises:
        ValidationError: the cursor is not valid.
        AccountErasedError: the account was erased.
    """
    row = customers.find_row(user.user_id)
    check_not_erased(row)
    page = payments.list_for_user(user.user_id, limit=_PAGE, cursor=cursor)
    person = pool.find(user.user_id)
    if person is None:
        raise AccountErasedError
    return Export(
        person=person,
        row=row,
        requested_at=deletion_requested_at(user, person, row),
        payment_methods=_cards(row, stripe=stripe),
        payments=page,
    )


def _cards(row: CustomerRow | None, *, stripe: "StripeGateway") -> list[PaymentMethod]:
    """Every card, also one that only stays for an open payment."""
    customer = usable_customer(row, livemode=stripe.livemode)
    if customer is None:
        return []
    try:
        return stripe.list_all_payment_methods(customer.stripe_customer_id)
    except CustomerMissingError:
        return []
