"""What Stripe tells us by events, and what became of them."""

from dataclasses import dataclass
from enum import StrEnum

from payments.domain.payment_intent import PaymentIntent


@dataclass(frozen=True, slots=True)
class StripeEvent:
    """What Stripe told us to look at: a hint, which the object itself has to confirm.

    `created` is in seconds since 1970. Of the object it is about: `payment_id` and `user_id` are
    our metadata on it; `payment_intent` is how a PaymentIntent was at that moment, and
    `amount_refunded` (in minor units) how much of a charge had been refunded.
    """

    event_id: str
    type: str
    created: int
    livemode: bool
    payment_id: str | None = None
    payment_intent_id: str | None = None
    user_id: str | None = None
    payment_intent: PaymentIntent | None = None
    amount_refunded: int | None = None


class EventOutcome(StrEnum):
    """What an event led to."""

    RECORDED = "recorded"
    KNOWN = "known"  # the row said so already
    NOT_KEPT = "not_kept"  # it is about something of which we keep no copy
    NOT_OURS = "not_ours"  # another mode, or no payment or person of this stack
    UNKNOWN_TYPE = "unknown_type"


@dataclass(frozen=True, slots=True)
class EventWindow:
    """A stretch of time, in seconds since 1970, whose events are read from its end backwards.

    `cursor` is how far that has come, and `failed_at` when the oldest event was that could not be
    processed.
    """

    since: int
    until: int
    cursor: str | None = None
    failed_at: int | None = None
