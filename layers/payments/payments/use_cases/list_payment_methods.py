"""List: the saved cards among which a person chooses."""

from payments.errors import CustomerMissingError
from payments.models import Page, PaymentMethod, User
from payments.repositories.customers import CustomersRepository
from payments.stripe_gateway import StripeGateway
from payments.use_cases.ensure_customer import ensure_customer


def list_payment_methods(
    *,
    user: User,
    limit: int,
    cursor: str | None,
    stripe: StripeGateway,
    customers: CustomersRepository,
) -> Page[PaymentMethod]:
    """A page of the person's cards, newest first.

    Raises:
        ValidationError: the cursor is not one of theirs.
    """
    customer = ensure_customer(user, stripe=stripe, customers=customers)
    try:
        return stripe.list_payment_methods(customer.stripe_customer_id, limit=limit, cursor=cursor)
    except CustomerMissingError:
        ensure_customer(user, stripe=stripe, customers=customers, missing=customer)
        return Page(items=[], next_cursor=None)
