"""What Stripe Radar says of a payment: a review of it, and banks' early warnings of fraud.

See https://docs.stripe.com/radar/reviews and https://docs.stripe.com/disputes/measuring
"""

from dataclasses import dataclass

# What the history says.
REVIEW = "review"
REVIEW_CLOSED = "review_closed"
EARLY_FRAUD_WARNING = "early_fraud_warning"
RADAR_LINES = frozenset({REVIEW, REVIEW_CLOSED, EARLY_FRAUD_WARNING})

# Why a review was closed, where somebody means the payment to stand. Of all other reasons, also
# those that Stripe may add, the merchant decides.
_PAYMENT_STANDS = frozenset({"approved", "acknowledged"})


@dataclass(frozen=True, slots=True)
class Review:
    """Somebody is to look at a payment, or has: `closed_reason` is Stripe's.

    `review_id` is None where Stripe says that there is one and does not name it yet.
    """

    review_id: str | None
    open: bool
    closed_reason: str | None = None

    @property
    def lets_pass(self) -> bool:
        """Whether it is over, and the payment stands."""
        return not self.open and self.closed_reason in _PAYMENT_STANDS


@dataclass(frozen=True, slots=True)
class FraudWarning:
    """The cardholder's bank believes that the charge is fraud.

    `actionable`: neither a dispute nor a full refund has come yet.
    """

    warning_id: str
    fraud_type: str
    actionable: bool
    created_at: str | None = None
