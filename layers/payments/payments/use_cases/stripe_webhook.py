"""Webhook: a hint from Stripe leads to the object itself, and that is recorded.

Webhooks, EventBridge, the Events API and replays all come here. An event's content is never
written anywhere; it only decides whether there is something to look at.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from payments.domain.errors import PaymentNotFoundError
from payments.domain.payment import Payment
from payments.domain.payment_intent import FINAL_STATUSES
from payments.domain.stripe_event import Event
from payments.repositories.customers import CustomersRepository
from payments.repositories.payments import PaymentsRepository
from payments.stripe_gateway.gateway import StripeGateway
from payments.use_cases.record_customer import record_customer
from payments.use_cases.record_payment_intent import record_payment_intent


class Outcome(StrEnum):
    """What an event led to."""

    RECORDED = "recorded"
    KNOWN = "known"  # the row said so already
    NOT_KEPT = "not_kept"  # it is about something of which we keep no copy
    NOT_OURS = "not_ours"  # another mode, or no payment or person of this stack
    UNKNOWN_TYPE = "unknown_type"


@dataclass(frozen=True, slots=True)
class Records:
    """What events are recorded in, and by which step."""

    by: str
    stripe: StripeGateway
    payments: PaymentsRepository
    customers: CustomersRepository


def stripe_webhook(event: Event, records: Records) -> Outcome:
    """Look at what the event is about, and record it.

    Raises:
        PaymentsError: it could not be processed and has to come again.
    """
    handle = HANDLERS.get(event.type)
    if handle is None:
        return Outcome.UNKNOWN_TYPE
    if event.livemode != records.stripe.livemode:
        return Outcome.NOT_OURS
    return handle(event, records)


def payment_intent_changed(event: Event, records: Records) -> Outcome:
    """The intent names its payment."""
    return _record_payment(event.payment_id, event, records)


def charge_refunded(event: Event, records: Records) -> Outcome:
    """A charge has the metadata of its intent."""
    return _record_payment(event.payment_id, event, records)


def dispute_changed(event: Event, records: Records) -> Outcome:
    """A dispute knows only the intent, which knows the payment."""
    return _record_payment(_payment_id_from_intent(event, records), event, records)


def refund_failed(event: Event, records: Records) -> Outcome:
    """Likewise a refund; the money is back with the merchant."""
    return _record_payment(_payment_id_from_intent(event, records), event, records)


def payment_method_changed(_event: Event, _records: Records) -> Outcome:
    """Cards are read from Stripe each time they are shown or charged."""
    return Outcome.NOT_KEPT


def customer_changed(event: Event, records: Records) -> Outcome:
    """A customer names its person."""
    if event.user_id is None:
        return Outcome.NOT_OURS
    changed = record_customer(event.user_id, stripe=records.stripe, customers=records.customers)
    return Outcome.RECORDED if changed else Outcome.KNOWN


# Of these the Events API takes twenty in one request.
HANDLERS: dict[str, Callable[[Event, Records], Outcome]] = {
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


def _payment_id_from_intent(event: Event, records: Records) -> str | None:
    if event.payment_intent_id is None:
        return None
    return records.stripe.retrieve_payment_intent(event.payment_intent_id).payment_id


def _record_payment(payment_id: str | None, event: Event, records: Records) -> Outcome:
    if payment_id is None or event.payment_intent_id is None:
        return Outcome.NOT_OURS
    try:
        payment = records.payments.get(payment_id)
    except PaymentNotFoundError:
        return Outcome.NOT_OURS
    if payment.payment_intent_id not in {None, event.payment_intent_id}:
        return Outcome.NOT_OURS
    if _tells_nothing_new(event, payment):
        return Outcome.KNOWN
    intent = records.stripe.retrieve_payment_intent(event.payment_intent_id)
    recorded, _ = record_payment_intent(
        payment, intent, by=records.by, stripe=records.stripe, payments=records.payments
    )
    return Outcome.KNOWN if recorded.version == payment.version else Outcome.RECORDED


def _tells_nothing_new(event: Event, payment: Payment) -> bool:
    """Whether the row is where the event was, or past it: then Stripe need not be asked."""
    if event.payment_intent:
        was_open = event.payment_intent.status not in FINAL_STATUSES
        return payment.reflects(event.payment_intent) or (payment.is_final and was_open)
    if event.amount_refunded is not None:
        return event.amount_refunded == payment.amount_refunded
    return False
