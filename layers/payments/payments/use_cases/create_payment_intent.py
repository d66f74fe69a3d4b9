"""Create intent: store what a person buys, then create the PaymentIntent."""

from typing import TYPE_CHECKING

from payments import logs
from payments.domain.customer import check_signed_in
from payments.domain.errors import IdempotencyKeyReusedError
from payments.domain.payment import Payment, payment_id_for
from payments.domain.purchase import Purchase, new_payment
from payments.use_cases.check_card import check_card, customer_with_cards
from payments.use_cases.ensure_payment_intent import ensure_payment_intent

if TYPE_CHECKING:
    from payments.domain.customer import User
    from payments.domain.payment_intent import PaymentIntent
    from payments.recorder import Recorder
    from payments.repositories.payment_inputs import PaymentInputsRepository


def create_payment_intent(
    purchase: Purchase,
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
            the purchase is not possible; nothing was stored.
        OrderNotPayableError: it is not at the prices that the person saw; nothing was stored.
        IdempotencyKeyReusedError: the key belongs to another purchase.
        SignedOutError: the person logged out everywhere after they had logged in.
        TooManyAttemptsError: they have too many open payments.
    """
    stripe, payments = recorder.stripe, recorder.payments
    livemode = stripe.livemode
    payment_id = payment_id_for(user.user_id, idempotency_key, livemode=livemode)
    logs.note(payment_id=payment_id)
    found = inputs.load(
        user_id=user.user_id, product_ids=purchase.product_ids, payment_id=payment_id
    )
    check_signed_in(user, found.customer)
    if found.key_use:
        raise IdempotencyKeyReusedError
    payment = found.payment
    if payment is None:
        customer = customer_with_cards(found.customer, stripe=stripe)
        payment = new_payment(
            payment_id,
            purchase,
            products=found.products,
            customer=customer,
            default_currency=default_currency,
        )
        check_card(purchase.payment_method_id, customer, stripe=stripe)
        recorder.guard.admit_payment(user.user_id, payment_id)
        payment = payments.add_pending(payment)
    if payment.request_hash != purchase.request_hash:
        raise IdempotencyKeyReusedError
    intent = ensure_payment_intent(payment, recorder=recorder)
    return recorder.payment(payment, intent)
