"""Create intent: store what a person buys, then create the PaymentIntent."""

from typing import TYPE_CHECKING

from payments import logs
from payments.domain.customer import check_signed_in
from payments.domain.errors import (
    IdempotencyKeyReusedError,
    ProductNotFoundError,
)
from payments.domain.order import Order, new_payment
from payments.domain.payment import Payment, payment_id_for
from payments.use_cases.check_card import check_card, customer_with_cards
from payments.use_cases.ensure_payment_intent import ensure_payment_intent

if TYPE_CHECKING:
    from payments.domain.customer import User
    from payments.domain.payment_intent import PaymentIntent
    from payments.recorder import Recorder
    from payments.repositories.payment_inputs import PaymentInputsRepository


def create_payment_intent(
    order: Order,
    *,
    user: "User",
    idempotency_key: str,
    default_currency: str,
    inputs: "PaymentInputsRepository",
    recorder: "Recorder",
) -> "tuple[Payment, PaymentIntent]":
    """Start a payment, or return the one that this key already started.

    Raises:
        ProductNotFoundError, CurrencyNotOfferedError, PaymentMethodNotFoundError, ValidationError:
            the order is not possible; nothing was stored.
        IdempotencyKeyReusedError: the key belongs to another order.
        SignedOutError: the person logged out everywhere after they had logged in.
    """
    stripe, payments = recorder.stripe, recorder.payments
    livemode = stripe.livemode
    payment_id = payment_id_for(user.user_id, idempotency_key, livemode=livemode)
    logs.note(payment_id=payment_id)
    found = inputs.load(user_id=user.user_id, product_id=order.product_id, payment_id=payment_id)
    check_signed_in(user, found.customer)
    payment = found.payment
    if payment is None:
        if found.product is None:
            raise ProductNotFoundError
        customer = customer_with_cards(found.customer, stripe=stripe)
        payment = new_payment(
            payment_id,
            order,
            product=found.product,
            customer=customer,
            default_currency=default_currency,
        )
        check_card(order.payment_method_id, customer, stripe=stripe)
        payment = payments.add_pending(payment)
    if payment.request_hash != order.request_hash:
        raise IdempotencyKeyReusedError
    intent = ensure_payment_intent(payment, recorder=recorder)
    return recorder.payment(payment, intent)
