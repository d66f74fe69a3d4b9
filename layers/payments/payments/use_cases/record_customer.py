"""Record: the one way in which a person's row learns what Stripe says of their Customer."""

from payments.domain.errors import ServiceUnavailableError, VersionConflictError
from payments.repositories.customers import CustomersRepository
from payments.stripe_gateway.gateway import StripeGateway

_MAX_TRIES = 5


def record_customer(user_id: str, *, stripe: StripeGateway, customers: CustomersRepository) -> bool:
    """Write the Customer's email address, name or deletion to the row; tell whether it changed.

    As with payments: read the row, ask Stripe, write if nobody wrote since, else start over.

    Raises:
        ServiceUnavailableError: others kept writing.
    """
    for _ in range(_MAX_TRIES):
        customer = customers.find(user_id)
        if customer is None or customer.deleted or customer.livemode != stripe.livemode:
            return False
        profile = stripe.retrieve_customer(customer.stripe_customer_id)
        if profile == (customer.email, customer.name):
            return False
        try:
            customers.record(customer, profile=profile)
        except VersionConflictError:
            continue
        return True
    raise ServiceUnavailableError
