"""Save a card that is attached: note that it is the person's, and keep one card once."""

from typing import TYPE_CHECKING

from payments.domain.errors import (
    CustomerMissingError,
    ServiceUnavailableError,
    TooManyAttemptsError,
)

if TYPE_CHECKING:
    from payments.domain.card import PaymentMethod
    from payments.domain.customer import Customer
    from payments.guard import Guard
    from payments.repositories.customers import CustomersRepository
    from payments.repositories.payments import PaymentsRepository
    from payments.stripe_gateway.gateway import StripeGateway


def save_card(
    card: "PaymentMethod",
    customer: "Customer",
    *,
    stripe: "StripeGateway",
    customers: "CustomersRepository",
    payments: "PaymentsRepository",
) -> "PaymentMethod":
    """Write the card into the row, and return the one that stays if it was saved before.

    Harmless twice. The row alone tells that there is no equal card, so Stripe is rarely asked.

    Raises:
        ServiceUnavailableError: the person has another customer by now.
    """
    row = customer
    if customer.saved_cards.get(card.payment_method_id) != (card.fingerprint or ""):
        try:
            row = customers.add_card(customer, card)
        except CustomerMissingError as error:
            raise ServiceUnavailableError from error
    fingerprints = list(row.saved_cards.values())
    if not card.replaced and (not card.fingerprint or fingerprints.count(card.fingerprint) == 1):
        return card
    from payments.use_cases.keep_one_card import keep_one_card  # noqa: PLC0415  (rarely needed)

    try:
        return keep_one_card(card, row, stripe=stripe, customers=customers, payments=payments)
    except CustomerMissingError as error:
        raise ServiceUnavailableError from error


def keep_if_few_have_it(
    card: "PaymentMethod",
    *,
    user_id: str,
    stripe: "StripeGateway",
    guard: "Guard",
    attempt: str | None = None,
) -> None:
    """Count a new card; detach it if too many people have saved the same one.

    Raises:
        TooManyAttemptsError: it is detached.
    """
    try:
        guard.note_card(user_id, card, livemode=stripe.livemode, attempt=attempt)
    except TooManyAttemptsError:
        stripe.detach_payment_method(card.payment_method_id)
        raise
