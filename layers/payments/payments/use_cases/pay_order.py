"""Pay an order: it has one payment at a time, whoever asks and however often."""

from typing import TYPE_CHECKING

from payments import logs
from payments.domain.customer import CustomerRow, check_signed_in
from payments.domain.errors import (
    IdempotencyKeyReusedError,
    OrderNotFoundError,
    ServiceUnavailableError,
    VersionConflictError,
)
from payments.domain.order import Order, key_hash, payment_for
from payments.domain.payment import KeyUse, Payment, payment_id_for
from payments.use_cases.check_card import check_card, customer_with_cards
from payments.use_cases.ensure_payment_intent import ensure_payment_intent
from payments.use_cases.find_order_payment import answer_with, find_order_payment

if TYPE_CHECKING:
    from payments.domain.customer import User
    from payments.domain.payment_intent import PaymentIntent
    from payments.recorder import Recorder
    from payments.repositories.orders import OrdersRepository
    from payments.repositories.payment_inputs import PaymentInputsRepository

_MAX_TRIES = 5


def pay_order(
    order_id: str,
    payment_method_id: str,
    *,
    user: "User",
    idempotency_key: str,
    inputs: "PaymentInputsRepository",
    orders: "OrdersRepository",
    recorder: "Recorder",
) -> "tuple[Payment, PaymentIntent]":
    """Start the order's payment, or return the one that it has.

    While an order is open, every key gets its one payment, whatever the card: another card goes in
    at confirm. A key that was answered once gets the same payment for good.

    Raises:
        OrderNotFoundError: the person has no such order.
        OrderNotPayableError: it is paid, cancelled or expired, and the key has not paid it.
        PaymentMethodNotFoundError: the card is not the person's own.
        IdempotencyKeyReusedError: the key belongs to another request.
        SignedOutError: the person logged out everywhere after they had logged in.
        TooManyAttemptsError: they have too many open payments.
    """
    livemode = recorder.stripe.livemode
    key_id = payment_id_for(user.user_id, idempotency_key, livemode=livemode)
    asked = key_hash(order_id, payment_method_id)
    for _ in range(_MAX_TRIES):
        found = inputs.load_order(user_id=user.user_id, order_id=order_id, key_id=key_id)
        check_signed_in(user, found.customer)
        if found.payment or (found.key_use and found.key_use.request_hash != asked):
            raise IdempotencyKeyReusedError
        order = found.order
        if order is None or order.user_id != user.user_id or order.livemode != livemode:
            raise OrderNotFoundError
        if found.key_use:
            payment = recorder.payments.get(found.key_use.same_payment_as)
        else:
            try:
                payment = _payment_of(
                    order,
                    payment_method_id,
                    key_id=key_id,
                    request_hash=asked,
                    customer=found.customer,
                    orders=orders,
                    recorder=recorder,
                )
            except VersionConflictError:
                continue  # somebody else has started it, or cancelled the order
        logs.note(payment_id=payment.payment_id)
        intent = ensure_payment_intent(payment, order=order, recorder=recorder)
        return recorder.payment(payment, intent)
    raise ServiceUnavailableError


def _payment_of(
    order: Order,
    payment_method_id: str,
    *,
    key_id: str,
    request_hash: str,
    customer: CustomerRow | None,
    orders: "OrdersRepository",
    recorder: "Recorder",
) -> Payment:
    """The order's one payment; the next one if the last can never move money.

    Raises:
        VersionConflictError: somebody else was faster.
    """
    payment = find_order_payment(order, recorder=recorder)
    if payment:
        use = KeyUse(key_id, payment.payment_id, request_hash)
        return answer_with(payment, use, recorder=recorder)
    owner = customer_with_cards(customer, stripe=recorder.stripe)
    check_card(payment_method_id, owner, stripe=recorder.stripe)
    payment = payment_for(
        order,
        customer=owner,
        payment_method_id=payment_method_id,
        key_id=key_id,
        key_hash=request_hash,
        created_by=recorder.actor,
    )
    use = KeyUse(key_id, payment.payment_id, request_hash)
    recorder.guard.admit_payment(order.user_id, payment.payment_id)
    orders.start_payment(order, payment, key=use)
    return payment
