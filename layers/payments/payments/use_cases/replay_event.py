"""Replay one past event."""

from typing import TYPE_CHECKING

from payments.domain.stripe_event import EventOutcome
from payments.use_cases.stripe_webhook import stripe_webhook

if TYPE_CHECKING:
    from payments.recorder import Recorder


def replay_event(event_id: str, *, recorder: "Recorder") -> EventOutcome:
    """Feed one event of the last 30 days to the webhook's code.

    Raises:
        PaymentsError: Stripe did not return the event, or it could not be processed.
    """
    return stripe_webhook(recorder.stripe.retrieve_event(event_id), recorder)
