"""Attach: save a card that Stripe.js collected for the person."""

from typing import TYPE_CHECKING

from payments.domain.card import PaymentMethod
from payments.domain.customer import User, check_signed_in
from payments.domain.errors import CardDeclinedError, CustomerMissingError
from payments.use_cases.ensure_customer import ensure_customer
from payments.use_cases.save_card import keep_if_few_have_it, save_card

if TYPE_CHECKING:
    from payments.guard import Guard
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
    guard: "Guard",
    imports: "ImportsRepository | None" = None,
) -> tuple[PaymentMethod, bool]:
    """Save the card, and return whether it was new. If it was saved before, one of them stays.

    Raises:
        CardDeclinedError: the issuer refused the card.
        PaymentMethodNotFoundError: there is no such card, it was detached, or is someone else's.
        PaymentRefusedError: Stripe refuses the card or the person's customer for good.
        SignedOutError: the person logged out everywhere after they had logged in.
        TooManyAttemptsError: they, or others with this card, have tried too often.
    """
    customer = ensure_customer(user, stripe=stripe, customers=customers, imports=imports)
    check_signed_in(user, customer)
    saved_before = payment_method_id in customer.saved_cards
    attempt = None if saved_before else guard.admit_card(user.user_id, payment_method_id)
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
    except CardDeclinedError:
        guard.note_decline(user.user_id, payment_method_id, which="saving")
        raise
    if attempt:
        keep_if_few_have_it(card, user_id=user.user_id, attempt=attempt, stripe=stripe, guard=guard)
    saved = save_card(card, customer, stripe=stripe, customers=customers, payments=payments)
    return saved, new and saved.payment_method_id == card.payment_method_id
