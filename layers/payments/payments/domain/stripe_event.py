"""An event of Stripe's."""

from dataclasses import dataclass

from payments.domain.payment_intent import PaymentIntent


@dataclass(frozen=True, slots=True)
class Event:
    """What Stripe told us to look at: a hint, which the object itself has to confirm.

    `created` is in seconds since 1970. Of the object it is about: `payment_id` and `user_id` are
    our metadata on it; `payment_intent` is how a PaymentIntent was at that moment, and
    `amount_refunded` (in minor units) how much of a charge had been given back.
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
