"""Attach: save a card that Stripe.js collected for the person."""

from typing import TYPE_CHECKING

from payments.domain.card import PaymentMethod
from payments.domain.customer import User, check_signed_in
from payments.domain.errors import CustomerMissingError
from payments.use_cases.ensure_customer import ensure_customer
from payments.use_cases.save_card import save_card

if TYPE_CHECKING:
    from payments.repositories.customers import CustomersRepository
    from payments.repositories.imports import ImportsRepository
    from payments.repositories.payments import PaymentsRepository
    from payments.stripe_gateway.gateway import StripeGateway


def attach_payment_method(
    payment_method_id: str,
    *,
    user: User,
    stripe: "StripeGateway",
    customers: "CustomersRepository",
    payments: "PaymentsRepository",
    imports: "ImportsRepository | None" = None,
) -> tuple[PaymentMethod, bool]:
    """Save the card, and return whether it was new. If it was saved before, one of them stays.

    Raises:
        CardDeclinedError: the issuer refused the card.
        PaymentMethodNotFoundError: there is no such card, it was detached, or is someone else's.
        PaymentRefusedError: Stripe refuses the card or the person's customer for good.
        SignedOutError: the person logged out everywhere after they had logged in.
    """
    customer = ensure_customer(user, stripe=stripe, customers=customers, imports=imports)
    check_signed_in(user, customer)
    try:
        card, new = stripe.attach_payment_method(
            payment_method_id, stripe_customer_id=customer.stripe_customer_id
        )
    except CustomerMissingError:
        customer = ensure_customer(
            user, stripe=stripe, customers=customers, imports=imports, missing=customer
        )
        card, new = stripe.attach_payment_method(
            payment_method_id, stripe_customer_id=customer.stripe_customer_id
        )
    saved = save_card(card, customer, stripe=stripe, customers=customers, payments=payments)
    return saved, new and saved.payment_method_id == card.payment_method_id
