"""Create intent: write down what a person buys, then create its PaymentIntent."""

from payments.domain.customer import User
from payments.domain.errors import (
    CustomerMissingError,
    IdempotencyKeyReusedError,
    PaymentMethodNotFoundError,
    ProductNotFoundError,
    ValidationError,
)
from payments.domain.order import Order, new_payment
from payments.domain.payment import Payment, payment_id_for
from payments.domain.payment_intent import PaymentIntent
from payments.repositories.payment_inputs import CheckoutRepository
from payments.repositories.payments import PaymentsRepository
from payments.stripe_gateway.gateway import StripeGateway
from payments.use_cases.record_payment_intent import record_payment_intent


def create_payment_intent(
    order: Order,
    *,
    user: User,
    idempotency_key: str,
    default_currency: str,
    stripe: StripeGateway,
    checkouts: CheckoutRepository,
    payments: PaymentsRepository,
) -> tuple[Payment, PaymentIntent]:
    """Start a payment, or return the one that this key has started.

    Raises:
        ProductNotFoundError, CurrencyNotOfferedError, PaymentMethodNotFoundError, ValidationError:
            the order cannot be fulfilled; nothing was kept.
        IdempotencyKeyReusedError: the key belongs to another order.
    """
    livemode = stripe.livemode
    payment_id = payment_id_for(user.user_id, idempotency_key, livemode=livemode)
    checkout = checkouts.load(
        user_id=user.user_id, product_id=order.product_id, payment_id=payment_id
    )
    payment = checkout.payment
    if payment is None:
        if checkout.product is None:
            raise ProductNotFoundError
        customer = checkout.customer
        if customer is None or customer.livemode != livemode or customer.deleted:
            raise PaymentMethodNotFoundError  # who has no customer has no saved card
        payment = payments.add_pending(
            new_payment(
                payment_id,
                order,
                product=checkout.product,
                customer=customer,
                default_currency=default_currency,
            )
        )
    if payment.request_hash != order.request_hash:
        raise IdempotencyKeyReusedError
    intent = intent_of(payment, stripe=stripe, payments=payments)
    return record_payment_intent(payment, intent, by="create", stripe=stripe, payments=payments)


def intent_of(
    payment: Payment, *, stripe: StripeGateway, payments: PaymentsRepository
) -> PaymentIntent:
    """The payment's intent as it stands, created first if that never happened or was cut off.

    Raises:
        PaymentMethodNotFoundError, ValidationError: Stripe refused to create it; the row is gone.
        IdempotencyKeyReusedError: the key has served for an order that was refused; likewise.
    """
    if payment.payment_intent_id:
        return stripe.retrieve_payment_intent(payment.payment_intent_id)
    if payment.stripe_may_have_forgotten:
        found = stripe.find_payment_intent(payment.payment_id)
        if found:
            return found
    try:
        return stripe.create_payment_intent(payment)
    except CustomerMissingError as error:
        payments.discard_pending(payment)
        raise PaymentMethodNotFoundError from error  # the cards went with the customer
    except (PaymentMethodNotFoundError, ValidationError, IdempotencyKeyReusedError):
        payments.discard_pending(payment)
        raise
