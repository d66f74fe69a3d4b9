"""Find the email address of a person, for somebody of the staff."""

from typing import TYPE_CHECKING

from payments.domain.actor import STAFF, Actor
from payments.domain.customer import Customer

if TYPE_CHECKING:
    from payments.repositories.customers import CustomersRepository


def find_email_for_staff(
    user_id: str, caller: Actor, *, customers: "CustomersRepository"
) -> str | None:
    """The address in the person's row; None for programs, and once the person is erased."""
    if caller.kind != STAFF:
        return None
    row = customers.find_row(user_id)
    return (row.email or None) if isinstance(row, Customer) else None
