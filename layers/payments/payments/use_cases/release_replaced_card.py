"""Detach the card that stayed for a payment, now that the payment no longer needs it."""

from contextlib import suppress
from typing import TYPE_CHECKING

from payments.domain.errors import VersionConflictError

if TYPE_CHECKING:
    from payments.domain.payment import Payment
    from payments.repositories.payments import PaymentsRepository
    from payments.stripe_gateway.gateway import StripeGateway


def release_replaced_card(
    payment: "Payment", *, stripe: "StripeGateway", payments: "PaymentsRepository"
) -> bool:
    """Detach it, unless another payment needs it; return whether it was released."""
    card = payment.replaced_card
    if card is None or payment.needs_card(card):
        return False
    if not payments_that_need(card, user_id=payment.user_id, payments=payments):
        stripe.detach_payment_method(card)
    with suppress(VersionConflictError):  # reconciliation comes again
        payments.set_replaced_card(payment, None)
    return True


def payments_that_need(
    payment_method_id: str, *, user_id: str, payments: "PaymentsRepository"
) -> "list[Payment]":
    """The person's open payments that are to be paid with this card, as last written.

    The index that names them is a moment behind: a payment that was started just now may be missed.
    Without its card it waits for another one.
    """
    listed = payments.list_open_for_user(user_id)
    current = (payments.get(p.payment_id) for p in listed if p.needs_card(payment_method_id))
    return [payment for payment in current if payment.needs_card(payment_method_id)]
