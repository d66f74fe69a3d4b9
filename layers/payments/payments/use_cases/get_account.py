"""Get: a person's account, as the user pool knows it."""

from typing import TYPE_CHECKING

from payments.domain.customer import User, check_not_erased, is_being_deleted
from payments.domain.errors import AccountErasedError
from payments.domain.person import Account
from payments.use_cases.bring_profile_to_stripe import bring_profile_to_stripe
from payments.use_cases.find_deletion import find_deletion

if TYPE_CHECKING:
    from payments.aws.user_pool import PoolAdministration
    from payments.repositories.customers import CustomersRepository
    from payments.repositories.payments import PaymentsRepository
    from payments.stripe_gateway.gateway import StripeGateway


def get_account(
    *,
    user: User,
    erase_after_days: int,
    pool: "PoolAdministration",
    stripe: "StripeGateway",
    customers: "CustomersRepository",
    payments: "PaymentsRepository",
) -> Account:
    """The account. A verified change of the email address reaches Stripe here.

    Raises:
        AccountErasedError: the account was erased.
    """
    row = customers.find_row(user.user_id)
    check_not_erased(row)
    if not is_being_deleted(user, row):
        person = bring_profile_to_stripe(
            row, user_id=user.user_id, pool=pool, stripe=stripe, customers=customers
        )
        return Account(person)
    found = pool.find(user.user_id)
    if found is None:
        raise AccountErasedError
    deletion = find_deletion(
        user, found, row, erase_after_days=erase_after_days, stripe=stripe, payments=payments
    )
    return Account(found, deletion)
