"""Webhook: take an event as a hint, get the object itself from Stripe, and record that.

Webhooks, EventBridge, the Events API and replays all come here. We never store an event's content;
it only decides whether there is something to look at.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from payments import logs
from payments.domain.errors import (
    CustomerMissingError,
    NotFoundError,
    PaymentIntentMissingError,
    PaymentNotFoundError,
    PaymentsError,
    RateLimitedError,
    StripeRejectedError,
    UnavailableError,
)
from payments.domain.payment import Payment
from payments.domain.payment_intent import FINAL_STATUSES, PaymentIntent
from payments.domain.stripe_event import EventOutcome, StripeEvent

if TYPE_CHECKING:
    from payments.recorder import Recorder

type Handler = Callable[[StripeEvent, Recorder], EventOutcome]

logger = Logger(child=True)

_OF_A_DISPUTE = "charge.dispute."
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
        return EventOutcome.KNOWN
    disputed = event.type.startswith(_OF_A_DISPUTE)
    intent = recorder.stripe.retrieve_payment_intent(event.payment_intent_id, disputed=disputed)
    if payment is None:
        payment = _named_by(intent, recorder)
        if payment is None:
            return EventOutcome.NOT_OURS
        if payment.payment_intent_id:  # the row may say more by now than what was read before it
            intent = recorder.stripe.retrieve_payment_intent(
                event.payment_intent_id, disputed=disputed
            )
    recorded, _ = recorder.payment(payment, intent)
    return EventOutcome.KNOWN if recorded.version == payment.version else EventOutcome.RECORDED


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
    "payment_method.attached": payment_method_changed,
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
    if event.amount_refunded is not None:
        return event.amount_refunded == payment.amount_refunded
    return False
