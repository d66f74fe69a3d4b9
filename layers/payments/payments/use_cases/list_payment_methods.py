"""List a person's saved cards."""

from typing import TYPE_CHECKING

from payments.domain.card import PaymentMethod
from payments.domain.customer import User
from payments.domain.errors import CustomerMissingError
from payments.domain.page import Page
from payments.use_cases.ensure_customer import ensure_customer

if TYPE_CHECKING:
    from payments.repositories.customers import CustomersRepository
    from payments.repositories.imports import ImportsRepository
    from payments.stripe_gateway.gateway import StripeGateway


def list_payment_methods(
    *,
    user: User,
    limit: int,
    cursor: str | None,
    stripe: "StripeGateway",
    customers: "CustomersRepository",
    imports: "ImportsRepository | None" = None,
) -> Page[PaymentMethod]:
    """A page of the person's cards, newest first. A page may be short, and have a next one.

    A card that was saved again, and only stays for an open payment, is left out.

    Raises:
        ValidationError: the cursor is not one of their cards.
        PaymentRefusedError: Stripe refuses for good to create the person's customer.
    """
    customer = ensure_customer(user, stripe=stripe, customers=customers, imports=imports)
    try:
        page = stripe.list_payment_methods(customer.stripe_customer_id, limit=limit, cursor=cursor)
    except CustomerMissingError:
        ensure_customer(user, stripe=stripe, customers=customers, imports=imports, missing=customer)
        return Page(items=[], next_cursor=None)
    shown = [card for card in page.items if not card.replaced]
    return Page(items=shown, next_cursor=page.next_cursor)
