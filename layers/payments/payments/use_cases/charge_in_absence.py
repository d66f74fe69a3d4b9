"""Charge in absence: the merchant takes an order's money while its person is away."""

from functools import partial
from typing import TYPE_CHECKING

from payments import logs
from payments.domain.actor import Actor
from payments.domain.card import PaymentMethod
from payments.domain.customer import (
    Customer,
    CustomerRow,
    ErasedPerson,
    usable_customer,
)
from payments.domain.errors import (
    AccountBeingDeletedError,
    CustomerMissingError,
    FailureRememberedError,
    IdempotencyKeyReusedError,
    OrderNotFoundError,
    OrderNotPayableError,
    PaymentMethodNotFoundError,
    ServiceUnavailableError,
    ValidationError,
    VersionConflictError,
)
from payments.domain.order import Order, key_hash, payment_for
from payments.domain.payment import KeyUse, Payment, payment_id_for
from payments.domain.payment_intent import PaymentIntent
from payments.use_cases.ensure_payment_intent import ensure_payment_intent
from payments.use_cases.find_order_payment import answer_with, find_order_payment

if TYPE_CHECKING:
    from payments.recorder import Recorder
    from payments.repositories.orders import OrdersRepository
    from payments.repositories.payment_inputs import PaymentInputsRepository
    from payments.stripe_gateway.gateway import StripeGateway

_MAX_TRIES = 5
_UNTRIED = "requires_confirmation"


def charge_in_absence(
    order_id: str,
    user_id: str,
    payment_method_id: str | None,
    *,
    caller: Actor,
    idempotency_key: str,
    inputs: "PaymentInputsRepository",
    orders: "OrdersRepository",
    recorder: "Recorder",
) -> Payment:
    """Charge the order to the named card, or to the person's default one.

    The payment is written down, then its intent is created, then confirmed without anybody there. A
    refusal is no error: the payment says why, and stays open to its person. A key tries once: to
    try again, the program takes another one.

    Raises:
        OrderNotFoundError: this person has no such order.
        OrderNotPayableError: it is over, or the person is paying it themselves.
        PaymentMethodNotFoundError: the card is not theirs.
        ValidationError: they have not agreed to be charged with it in absence, or have no default.
        AccountBeingDeletedError: they asked for the deletion of their account.
        IdempotencyKeyReusedError: the key belongs to another request.
    """
    livemode = recorder.stripe.livemode
    key_id = payment_id_for(str(caller), idempotency_key, livemode=livemode)
    asked = key_hash(order_id, f"{user_id} {payment_method_id}")
    for _ in range(_MAX_TRIES):
        found = inputs.load_order(user_id=user_id, order_id=order_id, key_id=key_id)
        if found.payment or (found.key_use and found.key_use.request_hash != asked):
            raise IdempotencyKeyReusedError
        order = found.order
        if order is None or order.user_id != user_id or order.livemode != livemode:
            raise OrderNotFoundError
        card = None
        if found.key_use:
            payment = recorder.payments.get(found.key_use.same_payment_as)
        else:
            card = _card_of(found.customer, payment_method_id, stripe=recorder.stripe)
            try:
                payment = _payment_of(
                    order,
                    card,
                    key_id=key_id,
                    request_hash=asked,
                    customer=found.customer,
                    orders=orders,
                    recorder=recorder,
                )
            except VersionConflictError:
                continue
        logs.note(payment_id=payment.payment_id)
        intent = ensure_payment_intent(payment, order=order, recorder=recorder)
        payment, intent = recorder.payment(payment, intent)
        untried = payment.status == _UNTRIED and not payment.cvc_recollected
        tries_again = card is not None and payment.status == "requires_payment_method"
        if (untried or tries_again) and not payment.order_is_over:
            if card is None:  # what was cut off: the card may have been removed since
                card = _card_of(found.customer, payment.payment_method_id, stripe=recorder.stripe)
            intent = _charge(payment, intent, card, key_id=key_id, stripe=recorder.stripe)
            payment, _ = recorder.payment(payment, intent)
        return payment
    raise ServiceUnavailableError


def _payment_of(
    order: Order,
    card: PaymentMethod,
    *,
    key_id: str,
    request_hash: str,
    customer: CustomerRow | None,
    orders: "OrdersRepository",
    recorder: "Recorder",
) -> Payment:
    """The order's payment in absence, written down with what the key is answered with.

    Raises:
        VersionConflictError: somebody else was faster.
    """
    payment = find_order_payment(order, recorder=recorder)
    if payment:
        if not payment.off_session or not payment.can_take_another_card:
            raise OrderNotPayableError(message="The person is paying this order themselves.")
        use = KeyUse(key_id, payment.payment_id, request_hash)
        return answer_with(payment, use, recorder=recorder)
    owner = _customer_in(customer, stripe=recorder.stripe)
    payment = payment_for(
        order,
        customer=owner,
        payment_method_id=card.payment_method_id,
        key_id=key_id,
        key_hash=request_hash,
        created_by=recorder.actor,
        off_session=True,
    )
    use = KeyUse(key_id, payment.payment_id, request_hash)
    orders.start_payment(order, payment, key=use)
    return payment


def _customer_in(row: CustomerRow | None, *, stripe: "StripeGateway") -> Customer:
    if isinstance(row, ErasedPerson) or (row and row.deletion_requested_at):
        raise AccountBeingDeletedError
    customer = usable_customer(row, livemode=stripe.livemode)
    if customer is None:
        raise PaymentMethodNotFoundError
    return customer


def _card_of(
    customer: CustomerRow | None, payment_method_id: str | None, *, stripe: "StripeGateway"
) -> PaymentMethod:
    """The card to charge: only one that was saved for that, of a person who stays."""
    owner = _customer_in(customer, stripe=stripe)
    try:
        cards = stripe.list_all_payment_methods(owner.stripe_customer_id)
    except CustomerMissingError as error:
        raise PaymentMethodNotFoundError from error
    saved = [card for card in cards if not card.replaced]
    if payment_method_id is None:
        card = next((each for each in saved if each.default), None)
        if card is None:
            raise ValidationError([("payment_method_id", "This person has no default card.")])
    else:
        card = next((each for each in saved if each.payment_method_id == payment_method_id), None)
        if card is None:
            raise PaymentMethodNotFoundError
    if not card.usable_off_session:
        message = "This person has not agreed to be charged with this card while they are away."
        raise ValidationError([("payment_method_id", message)])
    return card


def _charge(
    payment: Payment,
    intent: PaymentIntent,
    card: PaymentMethod,
    *,
    key_id: str,
    stripe: "StripeGateway",
) -> PaymentIntent:
    """Try once; where Stripe remembers a failure, what it did is what counts."""
    confirm = partial(
        stripe.confirm_in_absence,
        intent.payment_intent_id,
        payment=payment,
        payment_method_id=card.payment_method_id,
    )
    try:
        return confirm(key=key_id)
    except (FailureRememberedError, IdempotencyKeyReusedError):
        current = stripe.retrieve_payment_intent(intent.payment_intent_id)
        if current.status != _UNTRIED:
            return current
        return confirm(key=None)  # nothing was charged, and the intent prevents a second charge
