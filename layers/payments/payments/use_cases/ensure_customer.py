"""A person's Stripe Customer, created once, by the first request that needs it."""

from typing import TYPE_CHECKING

from payments.domain.clock import now
from payments.domain.customer import Customer, User
from payments.domain.errors import IdempotencyKeyReusedError, StripeUnavailableError

if TYPE_CHECKING:
    from payments.repositories.customers import CustomersRepository
    from payments.stripe_gateway.gateway import StripeGateway


def ensure_customer(
    user: User,
    *,
    stripe: "StripeGateway",
    customers: "CustomersRepository",
    signed_up_now: bool = False,
    missing: Customer | None = None,
) -> Customer:
    """The person's customer, created now if it does not exist in this mode yet.

    With its idempotency key, simultaneous requests create a single Customer. Stripe remembers the
    key for a day; after that, a search finds the Customer that an interrupted attempt has left.
    `signed_up_now` says that there cannot be one yet. `missing` is a row whose customer Stripe
    does not know.
    """
    livemode = stripe.livemode
    stored = None if signed_up_now else customers.find(user.user_id)
    if stored and stored.livemode == livemode:
        if stored.deleted:
            missing = stored
        if stored != missing:
            return stored
    stripe_customer_id = None if signed_up_now else stripe.find_customer(user.user_id)
    if stripe_customer_id is None or (missing and stripe_customer_id == missing.stripe_customer_id):
        stripe_customer_id = _create_customer(user, stripe=stripe, missing=missing)
    customer = Customer(
        user_id=user.user_id,
        stripe_customer_id=stripe_customer_id,
        livemode=livemode,
        email=user.email,
        name=user.name,
        created_at=now(),
    )
    return customers.add(customer, replacing=stored)


def _create_customer(user: User, *, stripe: "StripeGateway", missing: Customer | None) -> str:
    try:
        return stripe.create_customer(
            user, replacing=missing.stripe_customer_id if missing else None
        )
    except IdempotencyKeyReusedError as error:
        # It was created today with another name or address; the search will find it soon.
        found = stripe.find_customer(user.user_id)
        if found is None:
            raise StripeUnavailableError from error
        return found
