"""Update: change the details of a saved card, or make it the default one."""

from dataclasses import replace
from typing import TYPE_CHECKING

from payments.domain.customer import User, check_signed_in
from payments.domain.errors import CustomerMissingError, PaymentMethodNotFoundError
from payments.use_cases.check_card import customer_with_cards

if TYPE_CHECKING:
    from payments.domain.card import CardChanges, PaymentMethod
    from payments.repositories.customers import CustomersRepository
    from payments.stripe_gateway.gateway import StripeGateway


def update_payment_method(
    payment_method_id: str,
    changes: "CardChanges",
    *,
    user: User,
    stripe: "StripeGateway",
    customers: "CustomersRepository",
) -> "PaymentMethod":
    """Change one of the person's cards, and return it. Cut off, it is safe to repeat.

    Raises:
        PaymentMethodNotFoundError: it is not one of the person's cards.
        ValidationError: Stripe refuses the expiry, or one of the details.
        SignedOutError: the person logged out everywhere after they had logged in.
    """
    row = customers.find_row(user.user_id)
    check_signed_in(user, row)
    customer = customer_with_cards(row, stripe=stripe)
    # Stripe would change anybody's.
    card = stripe.retrieve_own_payment_method(payment_method_id, customer.stripe_customer_id)
    if card.replaced:
        raise PaymentMethodNotFoundError
    if changes.billing_details or changes.exp_month or changes.exp_year:
        card = stripe.update_payment_method(
            payment_method_id,
            billing_details=changes.billing_details,
            exp_month=changes.exp_month,
            exp_year=changes.exp_year,
        )
    if changes.default:
        try:
            stripe.set_default_payment_method(
                customer.stripe_customer_id, payment_method_id=payment_method_id
            )
        except CustomerMissingError as error:
            raise PaymentMethodNotFoundError from error
        card = replace(card, default=True)
    return card
