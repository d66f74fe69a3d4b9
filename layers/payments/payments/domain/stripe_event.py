"""Stripe's events, and their outcomes."""

from dataclasses import dataclass
from enum import StrEnum

from payments.domain.payment_intent import PaymentIntent


@dataclass(frozen=True, slots=True)
class StripeEvent:
    """An event from Stripe: only a hint to look at the object itself.

    `created` is in seconds since 1970. `object_id` is what it is about, `user_id` and `stack` are
    our metadata on that.
    `payment_intent` is the PaymentIntent as it was at that moment; `amount_refunded`, in minor
    units, is how much of a charge had been refunded by then. `caused_by` is Stripe's id of the
    request that led to the event, if one did.

    `connected` is whether it is about an object of a connected account. If it is not `understood`,
    Stripe did not send what we need to look at the object: then only the type may be relied on.
    What could not be read is None, an id or a type is empty, and `created` is 0.
    """

    event_id: str
    type: str
    created: int
    livemode: bool
    connected: bool = False
    understood: bool = True
    object_id: str | None = None
    payment_intent_id: str | None = None
    user_id: str | None = None
    stack: str | None = None
    payment_intent: PaymentIntent | None = None
    amount_refunded: int | None = None
    caused_by: str | None = None


class EventOutcome(StrEnum):
    """What an event led to."""

    RECORDED = "recorded"
    KNOWN = "known"  # the row already said so
    NOT_KEPT = "not_kept"  # it is about something we do not store
    NOT_OURS = "not_ours"  # another account or mode, or not a payment or person of this stack
    NOT_UNDERSTOOD = "not_understood"  # it, or what Stripe says about its object, is of no use
    UNKNOWN_TYPE = "unknown_type"


@dataclass(frozen=True, slots=True)
class EventWindow:
    """A period, in seconds since 1970, whose events are read from newest to oldest.

    `cursor` is how far we have read, and `reached` the time of the event that it names: without a
    cursor we continue there. `failed_at` is the time of the oldest event that could not be
    processed.
    """

    since: int
    until: int
    cursor: str | None = None
    failed_at: int | None = None
    reached: int | None = None
