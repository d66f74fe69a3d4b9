"""Attach: save the card that a SetupIntent has set up, with what the person agreed to."""

from typing import TYPE_CHECKING

from payments.domain.customer import Customer, User, check_signed_in
from payments.domain.errors import (
    PaymentMethodNotFoundError,
    SetupIntentNotFoundError,
    SetupIntentUnfinishedError,
)
from payments.use_cases.save_card import keep_if_few_have_it, save_card

if TYPE_CHECKING:
    from payments.domain.card import PaymentMethod
    from payments.domain.setup_intent import SetupIntent
    from payments.guard import Guard
    from payments.repositories.customers import CustomersRepository
    from payments.repositories.payments import PaymentsRepository
    from payments.stripe_gateway.gateway import StripeGateway


def attach_set_up_card(
    setup_intent_id: str,
    *,
    user: User,
    stripe: "StripeGateway",
    customers: "CustomersRepository",
    payments: "PaymentsRepository",
    guard: "Guard",
) -> "tuple[PaymentMethod, bool]":
    """Save the card, and return whether it was new. If it was saved before, one of them stays.

    Raises:
        SetupIntentNotFoundError: there is none, or it is someone else's.
        SetupIntentUnfinishedError: the browser has not confirmed it, or the bank refused.
        PaymentMethodNotFoundError: the card was removed since.
        SignedOutError: the person logged out everywhere after they had logged in.
        TooManyAttemptsError: too many people have saved this card.
    """
    customer = customers.find_row(user.user_id)
    check_signed_in(user, customer)
    if not isinstance(customer, Customer) or customer.livemode != stripe.livemode:
        raise SetupIntentNotFoundError  # who has no customer has no SetupIntent
    intent = stripe.retrieve_setup_intent(setup_intent_id)
    return save_set_up_card(
        intent, customer, stripe=stripe, customers=customers, payments=payments, guard=guard
    )


def save_set_up_card(
    intent: "SetupIntent",
    customer: Customer,
    *,
    stripe: "StripeGateway",
    customers: "CustomersRepository",
    payments: "PaymentsRepository",
    guard: "Guard",
) -> "tuple[PaymentMethod, bool]":
    """Save a SetupIntent's card; the consent is written first, because it decides which stays."""
    if intent.stripe_customer_id != customer.stripe_customer_id:
        raise SetupIntentNotFoundError
    if intent.status != "succeeded" or intent.card is None:
        raise SetupIntentUnfinishedError
    if intent.card_customer_id != customer.stripe_customer_id:
        raise PaymentMethodNotFoundError
    card = intent.card
    new = card.payment_method_id not in customer.saved_cards
    if new:
        keep_if_few_have_it(
            card, user_id=customer.user_id, attempt=intent.attempt, stripe=stripe, guard=guard
        )
    if intent.consent and (card.consent is None or card.consent.at < intent.consent.at):
        card = stripe.record_consent(card.payment_method_id, intent.consent)
    saved = save_card(card, customer, stripe=stripe, customers=customers, payments=payments)
    return saved, new and saved.payment_method_id == card.payment_method_id
