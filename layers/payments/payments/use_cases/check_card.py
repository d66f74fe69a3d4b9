"""Only saved cards pay: check that a card is the person's own."""

from typing import TYPE_CHECKING

from payments.domain.customer import Customer, CustomerRow
from payments.domain.errors import PaymentMethodNotFoundError

if TYPE_CHECKING:
    from payments.stripe_gateway.gateway import StripeGateway


def customer_with_cards(row: CustomerRow | None, *, stripe: "StripeGateway") -> Customer:
    """The customer in a person's row.

    Raises:
        PaymentMethodNotFoundError: there is none, so there is no saved card either.
    """
    if not isinstance(row, Customer) or row.livemode != stripe.livemode or row.deleted:
        raise PaymentMethodNotFoundError
    return row


def check_card(payment_method_id: str, customer: Customer, *, stripe: "StripeGateway") -> None:
    """Check that the customer has saved this card. Stripe would charge any card that exists.

    The row knows what was saved here. Only a card that came another way (the merchant's dashboard,
    an import) costs a call.

    Raises:
        PaymentMethodNotFoundError: they have not.
    """
    if payment_method_id not in customer.saved_cards:
        card = stripe.retrieve_own_payment_method(payment_method_id, customer.stripe_customer_id)
        if card.replaced:
            raise PaymentMethodNotFoundError
