"""Keep one card once: saved again, it takes the place of what was saved before."""

from typing import TYPE_CHECKING

from payments.domain.errors import (
    CustomerMissingError,
    PaymentMethodNotFoundError,
    ServiceUnavailableError,
    VersionConflictError,
)
from payments.domain.one_card import equal_cards, replaced_by, the_one_that_stays
from payments.use_cases.release_replaced_card import payments_that_need, release_replaced_card

if TYPE_CHECKING:
    from payments.domain.card import PaymentMethod
    from payments.domain.customer import Customer
    from payments.domain.payment import Payment
    from payments.repositories.customers import CustomersRepository
    from payments.repositories.payments import PaymentsRepository
    from payments.stripe_gateway.gateway import StripeGateway

_MAX_TRIES = 5


def keep_one_card(
    card: "PaymentMethod",
    customer: "Customer",
    *,
    stripe: "StripeGateway",
    customers: "CustomersRepository",
    payments: "PaymentsRepository",
) -> "PaymentMethod":
    """Detach the equal cards that were saved before, and return the one that stays.

    The one that stays is the default card if one of the others was. A card that an open payment
    needs is only marked, and detached once that is over. `customer` is the row as it was after the
    card was saved. Each step is safe to repeat, and anybody may repeat it.

    Raises:
        CustomerMissingError: Stripe does not know the customer, or the person has another one.
        ServiceUnavailableError: others kept writing.
    """
    row: Customer | None = customer
    for number in range(_MAX_TRIES):
        # The row was read before: what it names had its consent before it is listed.
        equal = equal_cards(card, stripe.list_all_payment_methods(customer.stripe_customer_id))
        stays = the_one_that_stays(equal, row.saved_cards) if row else None
        if row and stays:
            others = replaced_by(stays, equal, row.saved_cards)
            try:
                _make_way(others, stays, row, stripe=stripe, payments=payments)
            except PaymentMethodNotFoundError:
                pass  # meanwhile it was replaced itself, or removed
            else:
                customers.forget_cards(row, _gone(stays, equal, others, row))
                return stays
        elif number:
            return card  # saved, and removed since
        row = customers.find(customer.user_id)
        if row and row.stripe_customer_id != customer.stripe_customer_id:
            raise CustomerMissingError
    raise ServiceUnavailableError


def _make_way(
    others: "list[PaymentMethod]",
    stays: "PaymentMethod",
    customer: "Customer",
    *,
    stripe: "StripeGateway",
    payments: "PaymentsRepository",
) -> None:
    """Make one the default card if any of the others was, and take those away."""
    was_default = any(each.default for each in others)
    if was_default:
        stripe.set_default_payment_method(
            customer.stripe_customer_id, payment_method_id=stays.payment_method_id
        )
    for each in others:
        if _hold(each.payment_method_id, customer.user_id, stripe=stripe, payments=payments):
            if not each.replaced:
                stripe.mark_replaced(each.payment_method_id, by=stays.payment_method_id)
        else:
            stripe.detach_payment_method(each.payment_method_id)
    if was_default:
        _keep_a_default(stays, customer, stripe=stripe)


def _keep_a_default(
    stays: "PaymentMethod", customer: "Customer", *, stripe: "StripeGateway"
) -> None:
    """Who decides at the same moment may have made one the default that was then taken away."""
    cards = stripe.list_all_payment_methods(customer.stripe_customer_id)
    if not any(each.default for each in cards):
        stripe.set_default_payment_method(
            customer.stripe_customer_id, payment_method_id=stays.payment_method_id
        )


def _hold(
    payment_method_id: str, user_id: str, *, stripe: "StripeGateway", payments: "PaymentsRepository"
) -> bool:
    """Leave the card to the open payments that need it; return whether there are any."""
    holders = payments_that_need(payment_method_id, user_id=user_id, payments=payments)
    left_to = [
        _leave_to(each, payment_method_id, stripe=stripe, payments=payments) for each in holders
    ]
    return any(left_to)


def _leave_to(
    payment: "Payment",
    payment_method_id: str,
    *,
    stripe: "StripeGateway",
    payments: "PaymentsRepository",
) -> bool:
    """Store that the card is to be detached after this payment, unless that is over by now."""
    for _ in range(_MAX_TRIES):
        if not payment.needs_card(payment_method_id):
            return False
        if payment.replaced_card == payment_method_id:
            return True
        try:
            if not release_replaced_card(payment, stripe=stripe, payments=payments):
                payments.set_replaced_card(payment, payment_method_id)
                return True
        except VersionConflictError:
            pass
        payment = payments.get(payment.payment_id)
    raise ServiceUnavailableError


def _gone(
    stays: "PaymentMethod",
    equal: "list[PaymentMethod]",
    others: "list[PaymentMethod]",
    row: "Customer",
) -> set[str]:
    """What leaves the row: what was replaced, and what Stripe no longer has."""
    attached = {each.payment_method_id for each in equal}
    replaced = {each.payment_method_id for each in others}
    lost = {
        each
        for each, fingerprint in row.saved_cards.items()
        if fingerprint and fingerprint == stays.fingerprint and each not in attached
    }
    return replaced | lost
