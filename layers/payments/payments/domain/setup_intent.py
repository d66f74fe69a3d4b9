"""A SetupIntent: a card on its way to being saved, with what the person agrees to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from payments.domain.card import PaymentMethod
from payments.domain.consent import Consent


@dataclass(frozen=True, slots=True)
class SetupIntent:
    """A SetupIntent as Stripe returned it. `client_secret` is for its owner only.

    `consent` is what our metadata on it says, `user_id`, `stack` and `attempt` as well. `card` is
    the card that it has set up, and `card_customer_id` the customer that has it now.
    """

    setup_intent_id: str
    status: str
    usage: str
    client_secret: str = field(repr=False)
    next_action: Mapping[str, object] | None
    stripe_customer_id: str | None
    consent: Consent | None
    user_id: str | None = None
    stack: str | None = None
    attempt: str | None = None
    card: PaymentMethod | None = None
    card_customer_id: str | None = None
