"""Stripe's events."""

from payments.api.bodies.models import HeadersModel, Model


class StripeSignatureHeaders(HeadersModel):
    """Stripe's signature of the body: https://docs.stripe.com/webhooks/signature"""

    stripe_signature: str = ""


class EventResponse(Model):
    """`POST /stripe/webhook`: what the event led to."""

    outcome: str
