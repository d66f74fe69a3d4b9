"""Log out everywhere."""

from typing import TYPE_CHECKING

from payments.domain.customer import User, check_not_being_deleted
from payments.use_cases.end_sessions import end_sessions

if TYPE_CHECKING:
    from payments.aws.user_pool import PoolAdministration
    from payments.repositories.customers import CustomersRepository


def sign_out(*, user: User, pool: "PoolAdministration", customers: "CustomersRepository") -> str:
    """End the person's sessions, and return the moment: see `end_sessions`.

    Raises:
        ServiceUnavailableError: it may be done in part; do it again.
        AccountBeingDeletedError, AccountErasedError: they asked for the deletion.
    """
    check_not_being_deleted(user, customers.find_row(user.user_id))
    return end_sessions(user.user_id, pool=pool, customers=customers)
