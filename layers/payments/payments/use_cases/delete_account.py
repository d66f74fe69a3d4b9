"""Delete: ask for the erasure of an account, and lock it at once."""

from typing import TYPE_CHECKING

from payments.domain.clock import next_second, now
from payments.domain.customer import User, check_not_erased, check_signed_in, is_being_deleted
from payments.domain.errors import AccountErasedError
from payments.domain.person import Account
from payments.use_cases.find_deletion import deletion_requested_at, find_deletion

if TYPE_CHECKING:
    from payments.aws.user_pool import PoolAdministration
    from payments.repositories.customers import CustomersRepository
    from payments.repositories.payments import PaymentsRepository
    from payments.stripe_gateway.gateway import StripeGateway


def delete_account(
    *,
    user: User,
    erase_after_days: int,
    pool: "PoolAdministration",
    stripe: "StripeGateway",
    customers: "CustomersRepository",
    payments: "PaymentsRepository",
) -> Account:
    """Store the request, end all sessions, and tell when the account is erased. Safe to repeat.

    The user pool gets the request first: the table may be restored from a backup. An earlier
    request stays.

    Raises:
        SignedOutError: the person logged out everywhere after they had logged in.
        AccountErasedError: the account was erased.
    """
    row = customers.find_row(user.user_id)
    check_not_erased(row)
    if not is_being_deleted(user, row):
        check_signed_in(user, row)
    person = pool.find(user.user_id)
    if person is None:
        raise AccountErasedError
    at = deletion_requested_at(user, person, row) or now()
    pool.request_deletion(user.user_id, at=at)
    row = customers.request_deletion(user.user_id, at=at, signed_out_at=next_second())
    pool.sign_out_everywhere(user.user_id)
    deletion = find_deletion(
        user, person, row, erase_after_days=erase_after_days, stripe=stripe, payments=payments
    )
    return Account(person, deletion)
