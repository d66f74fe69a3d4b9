"""List a person's payments, from our rows."""

from typing import TYPE_CHECKING

from payments.domain.customer import User, check_not_being_deleted
from payments.domain.page import Page
from payments.domain.payment import Payment

if TYPE_CHECKING:
    from payments.repositories.customers import CustomersRepository
    from payments.repositories.payments import PaymentsRepository


def list_payments(
    *,
    user: User,
    limit: int,
    cursor: str | None,
    customers: "CustomersRepository",
    payments: "PaymentsRepository",
) -> Page[Payment]:
    """A page of the person's payments, newest first.

    Raises:
        ValidationError: the cursor is not valid.
        AccountBeingDeletedError, AccountErasedError: they asked for the deletion.
    """
    check_not_being_deleted(user, customers.find_row(user.user_id))
    return payments.list_for_user(user.user_id, limit=limit, cursor=cursor)
