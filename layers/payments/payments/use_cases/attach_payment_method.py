"""Attach: save a card that Stripe.js collected for the person."""

from typing import TYPE_CHECKING

from payments.domain.card import PaymentMethod
from payments.domain.customer import User, check_signed_in
from payments.domain.errors import CustomerMissingError
from payments.use_cases.ensure_customer import ensure_customer

if TYPE_CHECKING:
    from payments.repositories.customers import CustomersRepository
    from payments.stripe_gateway.gateway import StripeGateway


def attach_payment_method(
    payment_method_id: str, *, user: User, stripe: "StripeGateway", customers: "CustomersRepository"
) -> tuple[PaymentMethod, bool]:
    """Save the card, and return whether it was new.

    Raises:
        CardDeclinedError: the issuer refused the card.
        PaymentMethodNotFoundError: there is no such card, it was detached, or is someone else's.
        PaymentRefusedError: Stripe refuses the card or the person's customer for good.
        SignedOutError: the person logged out everywhere after they had logged in.
    """
    customer = ensure_customer(user, stripe=stripe, customers=customers)
    check_signed_in(user, customer)
    try:
        return stripe.attach_payment_method(
            payment_method_id, stripe_customer_id=customer.stripe_customer_id
        )
    except CustomerMissingError:
        customer = ensure_customer(user, stripe=stripe, customers=customers, missing=customer)
        return stripe.attach_payment_method(
            payment_method_id, stripe_customer_id=customer.stripe_customer_id
        )
