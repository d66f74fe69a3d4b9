"""Webhook: take an event as a hint, get the object itself from Stripe, and record that.

Webhooks, EventBridge, the Events API and replays all come here. We never store an event's content;
it only decides whether there is something to look at.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from payments import logs
from payments.domain.errors import (
    ConflictError,
    CustomerMissingError,
    NotFoundError,
    PaymentIntentMissingError,
    PaymentNotFoundError,
    PaymentsError,
    RateLimitedError,
    StripeRejectedError,
    TooManyAttemptsError,
    UnavailableError,
)
from payments.domain.one_card import equal_cards
from payments.domain.payment import Payment
from payments.domain.payment_intent import FINAL_STATUSES, PaymentIntent
from payments.domain.stripe_event import EventOutcome, StripeEvent
from payments.use_cases.attach_set_up_card import save_set_up_card
from payments.use_cases.release_replaced_card import release_replaced_card
from payments.use_cases.save_card import save_card

if TYPE_CHECKING:
    from payments.domain.card import PaymentMethod
    from payments.domain.customer import Customer
    from payments.recorder import Recorder

type Handler = Callable[[StripeEvent, Recorder], EventOutcome]

logger = Logger(child=True)

_OF_A_DISPUTE = "charge.dispute."
_OF_RADAR = ("review.", "radar.early_fraud_warning.")
_MAY_SUCCEED_LATER = (UnavailableError, RateLimitedError, StripeRejectedError)


def stripe_webhook(event: StripeEvent, recorder: "Recorder") -> EventOutcome:
    """Look at what the event is about, and record it.

    Raises:
        PaymentsError: it may succeed later and must be delivered again.
    """
    handle = HANDLERS.get(event.type)
    if handle is None:
        return EventOutcome.UNKNOWN_TYPE if event.type else EventOutcome.NOT_UNDERSTOOD
    if event.connected or (event.understood and event.livemode != recorder.stripe.livemode):
        return EventOutcome.NOT_OURS
    return _process(handle, event, recorder) if event.understood else EventOutcome.NOT_UNDERSTOOD


def _process(handle: Handler, event: StripeEvent, recorder: "Recorder") -> EventOutcome:
    try:
        return handle(event, recorder)
    except _MAY_SUCCEED_LATER:
        raise
    except (NotFoundError, PaymentIntentMissingError, CustomerMissingError):
        return EventOutcome.NOT_OURS
    except PaymentsError:  # Stripe refuses for good to show the object
        logger.exception("event cannot be processed", extra={"event_id": event.event_id})
        return EventOutcome.NOT_UNDERSTOOD


def payment_changed(event: StripeEvent, recorder: "Recorder") -> EventOutcome:
    """Whatever happened to an intent or to its money, the intent itself tells it."""
    if event.payment_intent_id is None:
        return EventOutcome.NOT_OURS
    payment = recorder.payments.find_by_intent(event.payment_intent_id)
    if payment:
        logs.note(payment_id=payment.payment_id)
    if payment and _tells_nothing_new(event, payment):
        _release_card(payment, recorder)
        return EventOutcome.KNOWN
    asked = {
        "disputed": event.type.startswith(_OF_A_DISPUTE),
        "of_radar": event.type.startswith(_OF_RADAR),
    }
    intent = recorder.stripe.retrieve_payment_intent(event.payment_intent_id, **asked)
    if payment is None:
        payment = _named_by(intent, recorder)
        if payment is None:
            return EventOutcome.NOT_OURS
        if payment.payment_intent_id:  # the row may say more by now than what was read before it
            intent = recorder.stripe.retrieve_payment_intent(event.payment_intent_id, **asked)
    recorded, _ = recorder.payment(payment, intent)
    _release_card(recorded, recorder)
    return EventOutcome.KNOWN if recorded.version == payment.version else EventOutcome.RECORDED


def _release_card(payment: Payment, recorder: "Recorder") -> None:
    release_replaced_card(payment, stripe=recorder.stripe, payments=recorder.payments)


def _named_by(intent: PaymentIntent, recorder: "Recorder") -> Payment | None:
    """The payment that the intent's metadata names, if the intent can be that payment's.

    Anybody with a key can copy metadata, so a payment that has an intent takes no other one, and
    one that has none yet takes only what agrees with it.
    """
    if intent.payment_id is None:
        return None
    logs.note(payment_id=intent.payment_id)
    try:
        payment = recorder.payments.get(intent.payment_id)
    except PaymentNotFoundError:
        if intent.stack and intent.stack == recorder.stripe.stack:
            logger.critical("payment has no row", extra={"payment_id": intent.payment_id})
        return None
    if differences := payment.differences_from(intent):
        logger.error(
            "intent of somebody else names a payment",
            extra={"payment_id": payment.payment_id, "differences": differences},
        )
        return None
    return payment


def card_set_up(event: StripeEvent, recorder: "Recorder") -> EventOutcome:
    """Save the card of a SetupIntent whose browser may never have come back."""
    ours = event.stack is not None and event.stack == recorder.stripe.stack
    customer = recorder.customers.find(event.user_id) if ours and event.user_id else None
    if customer is None or event.object_id is None or customer.deleted:
        return EventOutcome.NOT_OURS
    logs.note(user_id=customer.user_id)
    intent = recorder.stripe.retrieve_setup_intent(event.object_id)
    try:
        _, new = save_set_up_card(
            intent,
            customer,
            stripe=recorder.stripe,
            customers=recorder.customers,
            payments=recorder.payments,
            guard=recorder.guard,
        )
    except ConflictError:
        return EventOutcome.KNOWN  # there is nothing to save any more
    except TooManyAttemptsError:
        return EventOutcome.NOT_KEPT
    return EventOutcome.RECORDED if new else EventOutcome.KNOWN


def card_set_up_failed(event: StripeEvent, recorder: "Recorder") -> EventOutcome:
    """Count a refused card; cancel a SetupIntent whose secret is used to try many cards."""
    ours = event.stack is not None and event.stack == recorder.stripe.stack
    if not ours or event.user_id is None or event.object_id is None:
        return EventOutcome.NOT_OURS
    logs.note(user_id=event.user_id)
    one_too_many = recorder.guard.note_failed_setup(
        event.user_id, event.object_id, which=event.event_id, at=event.created
    )
    if one_too_many:
        recorder.stripe.cancel_setup_intent(event.object_id)
        logger.warning("setup intent canceled", extra={"setup_intent_id": event.object_id})
    return EventOutcome.RECORDED


def card_attached(event: StripeEvent, recorder: "Recorder") -> EventOutcome:
    """Save a card, whoever attached it: our own request may have been cut off after that."""
    if event.object_id is None:
        return EventOutcome.NOT_OURS
    stripe, customers = recorder.stripe, recorder.customers
    card, stripe_customer_id, user_id = stripe.retrieve_payment_method(event.object_id)
    customer = customers.find(user_id) if user_id else None
    if customer is None or customer.stripe_customer_id != stripe_customer_id:
        return EventOutcome.NOT_OURS
    logs.note(user_id=customer.user_id)
    # Equal ones may have been there before the person was: they take part as well.
    equal = equal_cards(card, stripe.list_all_payment_methods(customer.stripe_customer_id))
    unsaved = [each for each in equal if _is_to_be_saved(each, customer, recorder)]
    known = event.object_id in customer.saved_cards
    for each in unsaved or ([card] if known else []):  # who saved it may not have gone on
        save_card(each, customer, stripe=stripe, customers=customers, payments=recorder.payments)
    if event.object_id in {each.payment_method_id for each in unsaved}:
        return EventOutcome.RECORDED
    return EventOutcome.KNOWN if known else EventOutcome.NOT_KEPT


def _is_to_be_saved(card: "PaymentMethod", customer: "Customer", recorder: "Recorder") -> bool:
    """Whether nobody has saved it, nor will: a SetupIntent's own event does, with the consent."""
    if card.replaced or card.payment_method_id in customer.saved_cards:
        return False
    return card.consent is not None or not recorder.stripe.has_setup_intent(
        card.payment_method_id, customer.stripe_customer_id
    )


def payment_method_changed(_event: StripeEvent, _recorder: "Recorder") -> EventOutcome:
    """Cards are read from Stripe each time they are shown or charged."""
    return EventOutcome.NOT_KEPT


def customer_changed(event: StripeEvent, recorder: "Recorder") -> EventOutcome:
    """A customer names its person."""
    if event.user_id is None:
        return EventOutcome.NOT_OURS
    logs.note(user_id=event.user_id)
    changed = recorder.customer(event.user_id)
    return EventOutcome.RECORDED if changed else EventOutcome.KNOWN


HANDLERS: dict[str, Handler] = {
    "payment_intent.created": payment_changed,
    "payment_intent.processing": payment_changed,
    "payment_intent.requires_action": payment_changed,
    "payment_intent.amount_capturable_updated": payment_changed,
    "payment_intent.succeeded": payment_changed,
    "payment_intent.payment_failed": payment_changed,
    "payment_intent.canceled": payment_changed,
    "charge.captured": payment_changed,
    "charge.expired": payment_changed,
    "charge.refunded": payment_changed,
    "charge.refund.updated": payment_changed,
    "charge.dispute.created": payment_changed,
    "charge.dispute.updated": payment_changed,
    "charge.dispute.closed": payment_changed,
    "charge.dispute.funds_withdrawn": payment_changed,
    "charge.dispute.funds_reinstated": payment_changed,
    "refund.created": payment_changed,
    "refund.updated": payment_changed,
    "refund.failed": payment_changed,
    "review.opened": payment_changed,
    "review.closed": payment_changed,
    "radar.early_fraud_warning.created": payment_changed,
    "radar.early_fraud_warning.updated": payment_changed,
    "setup_intent.succeeded": card_set_up,
    "setup_intent.setup_failed": card_set_up_failed,
    "payment_method.attached": card_attached,
    "payment_method.detached": payment_method_changed,
    "payment_method.updated": payment_method_changed,
    "payment_method.automatically_updated": payment_method_changed,
    "customer.updated": customer_changed,
    "customer.deleted": customer_changed,
}


def _tells_nothing_new(event: StripeEvent, payment: Payment) -> bool:
    """Whether the row is at the event's state or past it, so that we need not ask Stripe."""
    if event.payment_intent:
        was_open = event.payment_intent.status not in FINAL_STATUSES
        return payment.reflects(event.payment_intent) or (payment.is_final and was_open)
    if event.type == "charge.refunded" and event.amount_refunded is not None:
        return event.amount_refunded == payment.amount_refunded
    return False
