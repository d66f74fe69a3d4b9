"""Remove somebody who never confirmed their email address, and all that their sign-up has left."""

from typing import TYPE_CHECKING

from payments.domain.customer import Customer, User
from payments.domain.errors import ServiceUnavailableError, VersionConflictError

if TYPE_CHECKING:
    from payments.aws.user_pool import PoolAdministration
    from payments.repositories.customers import CustomersRepository
    from payments.stripe_gateway.gateway import StripeGateway


def remove_unconfirmed_user(
    user: User,
    *,
    pool: "PoolAdministration",
    stripe: "StripeGateway",
    customers: "CustomersRepository",
) -> bool:
    """Remove their Stripe Customer, their row, and then the user; False if they confirmed by now.

    The user goes last: cut off anywhere, this begins again with the user who is still there. A
    Customer whom somebody has given a card or a payment stays at Stripe.

    Raises:
        StripeUnavailableError, ServiceUnavailableError: a part of it may be done.
    """
    row = customers.find_row(user.user_id)
    if not isinstance(row, Customer):
        # Its creation may have been cut off before the row was written.
        stripe_customer_id = stripe.find_customer(user, newest=row is not None)
    elif row.livemode == stripe.livemode and not row.deleted:
        stripe_customer_id = row.stripe_customer_id
    else:
        stripe_customer_id = None
    if stripe_customer_id:
        stripe.delete_unused_customer(stripe_customer_id)
    if row:
        try:
            customers.remove(row)
        except VersionConflictError as error:
            raise ServiceUnavailableError from error  # somebody else is at work on it
    return pool.delete_unconfirmed(user.user_id)
