"""Update: change a person's name or phone number."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from payments.domain.customer import User, check_signed_in
from payments.domain.person import Account
from payments.use_cases.bring_profile_to_stripe import bring_profile_to_stripe

if TYPE_CHECKING:
    from payments.aws.user_pool import PoolAdministration
    from payments.repositories.customers import CustomersRepository
    from payments.stripe_gateway.gateway import StripeGateway


def update_account(
    changes: Mapping[str, str | None],
    *,
    user: User,
    pool: "PoolAdministration",
    stripe: "StripeGateway",
    customers: "CustomersRepository",
) -> Account:
    """Change the person in the user pool, and what Stripe has of them. Safe to repeat.

    `changes` has Cognito's names; None removes a value.

    Raises:
        ValidationError: Cognito refuses a value.
        SignedOutError: the person logged out everywhere after they had logged in.
        AccountErasedError: the account was erased.
    """
    row = customers.find_row(user.user_id)
    check_signed_in(user, row)
    pool.update_attributes(user.user_id, changes)
    person = bring_profile_to_stripe(
        row, user_id=user.user_id, pool=pool, stripe=stripe, customers=customers
    )
    return Account(person)
