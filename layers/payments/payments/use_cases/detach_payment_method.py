"""Detach: remove one of the person's cards."""

from typing import TYPE_CHECKING

from payments.domain.customer import check_signed_in
from payments.domain.errors import (
    CustomerMissingError,
    PaymentMethodInUseError,
    PaymentMethodNotFoundError,
)
from payments.domain.one_card import equal_cards
from payments.use_cases.check_card import customer_with_cards

if TYPE_CHECKING:
    from payments.domain.customer import User
    from payments.repositories.customers import CustomersRepository
    from payments.repositories.payments import PaymentsRepository
    from payments.stripe_gateway.gateway import StripeGateway


def detach_payment_method(
    payment_method_id: str,
    *,
    user: "User",
    stripe: "StripeGateway",
    customers: "CustomersRepository",
    payments: "PaymentsRepository",
) -> None:
    """Remove the card, and whatever else is the same card. It can never be attached again.

    Raises:
        PaymentMethodNotFoundError: it is not one of the person's cards, or no longer.
        PaymentMethodInUseError: an open payment has it and takes no other one now.
        SignedOutError: the person logged out everywhere after they had logged in.
    See https://docs.stripe.com/api/payment_methods/detach
    """
    row = customers.find_row(user.user_id)
    check_signed_in(user, row)
    customer = customer_with_cards(row, stripe=stripe)
    try:
        cards = stripe.list_all_payment_methods(customer.stripe_customer_id)
    except CustomerMissingError as error:
        raise PaymentMethodNotFoundError from error
    # Stripe would detach anybody's.
    own = [each for each in cards if not each.replaced]
    card = next((each for each in own if each.payment_method_id == payment_method_id), None)
    if card is None:
        raise PaymentMethodNotFoundError
    equal = {each.payment_method_id for each in equal_cards(card, cards)}
    # Itself last: who repeats this after a failure has to find it.
    leaving = [*sorted(equal - {payment_method_id}), payment_method_id]
    for listed in payments.list_open_for_user(user.user_id):
        if listed.payment_method_id in leaving:
            payment = payments.get(listed.payment_id)  # the index is a moment behind
            if any(map(payment.needs_card, leaving)) and not payment.can_take_another_card:
                raise PaymentMethodInUseError(payment.payment_id)
    customers.forget_cards(customer, equal)
    for each in leaving:
        stripe.detach_payment_method(each)
