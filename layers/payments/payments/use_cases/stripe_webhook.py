"""Webhook: take an event as a hint, get the object itself from Stripe, and record that.

Webhooks, EventBridge, the Events API and replays all come here. We never store an event's content;
it only decides whether there is something to look at.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from payments.domain.errors import PaymentNotFoundError
from payments.domain.payment import Payment
from payments.domain.payment_intent import FINAL_STATUSES
from payments.domain.stripe_event import EventOutcome, StripeEvent

if TYPE_CHECKING:
    from payments.recorder import Recorder


def stripe_webhook(event: StripeEvent, recorder: "Recorder") -> EventOutcome:
    """Look at what the event is about, and record it.

    Raises:
        PaymentsError: it could not be processed and must be delivered again.
    """
    handle = HANDLERS.get(event.type)
    if handle is None:
        return EventOutcome.UNKNOWN_TYPE
    if event.livemode != recorder.stripe.livemode:
        return EventOutcome.NOT_OURS
    return handle(event, recorder)


def payment_intent_changed(event: StripeEvent, recorder: "Recorder") -> EventOutcome:
    """The intent names its payment."""
    return _record_payment(event.payment_id, event, recorder)


def charge_refunded(event: StripeEvent, recorder: "Recorder") -> EventOutcome:
    """A charge has the metadata of its intent."""
    return _record_payment(event.payment_id, event, recorder)


def dispute_changed(event: StripeEvent, recorder: "Recorder") -> EventOutcome:
    """A dispute knows only the intent, which knows the payment."""
    return _record_payment(_payment_id_from_intent(event, recorder), event, recorder)


def refund_failed(event: StripeEvent, recorder: "Recorder") -> EventOutcome:
    """A refund, too, knows only the intent. The money is back with the merchant."""
    return _record_payment(_payment_id_from_intent(event, recorder), event, recorder)


def payment_method_changed(_event: StripeEvent, _recorder: "Recorder") -> EventOutcome:
    """Cards are read from Stripe each time they are shown or charged."""
    return EventOutcome.NOT_KEPT


def customer_changed(event: StripeEvent, recorder: "Recorder") -> EventOutcome:
    """A customer names its person."""
    if event.user_id is None:
        return EventOutcome.NOT_OURS
    changed = recorder.customer(event.user_id)
    return EventOutcome.RECORDED if changed else EventOutcome.KNOWN


# The Events API takes at most twenty of these in one request.
HANDLERS: "dict[str, Callable[[StripeEvent, Recorder], EventOutcome]]" = {
    "payment_intent.created": payment_intent_changed,
    "payment_intent.processing": payment_intent_changed,
    "payment_intent.requires_action": payment_intent_changed,
    "payment_intent.amount_capturable_updated": payment_intent_changed,
    "payment_intent.succeeded": payment_intent_changed,
    "payment_intent.payment_failed": payment_intent_changed,
    "payment_intent.canceled": payment_intent_changed,
    "charge.refunded": charge_refunded,
    "charge.dispute.created": dispute_changed,
    "charge.dispute.updated": dispute_changed,
    "charge.dispute.closed": dispute_changed,
    "charge.dispute.funds_withdrawn": dispute_changed,
    "charge.dispute.funds_reinstated": dispute_changed,
    "refund.failed": refund_failed,
    "payment_method.attached": payment_method_changed,
    "payment_method.detached": payment_method_changed,
    "payment_method.updated": payment_method_changed,
    "payment_method.automatically_updated": payment_method_changed,
    "customer.updated": customer_changed,
    "customer.deleted": customer_changed,
}


def _payment_id_from_intent(event: StripeEvent, recorder: "Recorder") -> str | None:
    if event.payment_intent_id is None:
        return None
    return recorder.stripe.retrieve_payment_intent(event.payment_intent_id).payment_id


def _record_payment(
    payment_id: str | None, event: StripeEvent, recorder: "Recorder"
) -> EventOutcome:
    if payment_id is None or event.payment_intent_id is None:
        return EventOutcome.NOT_OURS
    try:
        payment = recorder.payments.get(payment_id)
    except PaymentNotFoundError:
        return EventOutcome.NOT_OURS
    if payment.payment_intent_id not in {None, event.payment_intent_id}:
        return EventOutcome.NOT_OURS
    if _tells_nothing_new(event, payment):
        return EventOutcome.KNOWN
    intent = recorder.stripe.retrieve_payment_intent(event.payment_intent_id)
    recorded, _ = recorder.payment(payment, intent)
    return EventOutcome.KNOWN if recorded.version == payment.version else EventOutcome.RECORDED


def _tells_nothing_new(event: StripeEvent, payment: Payment) -> bool:
    """Whether the row is at the event's state or past it, so that we need not ask Stripe."""
    if event.payment_intent:
        was_open = event.payment_intent.status not in FINAL_STATUSES
        return payment.reflects(event.payment_intent) or (payment.is_final and was_open)
    if event.amount_refunded is not None:
        return event.amount_refunded == payment.amount_refunded
    return False
