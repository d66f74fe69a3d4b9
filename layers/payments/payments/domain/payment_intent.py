"""A PaymentIntent, as Stripe returns it."""

from collections.abc import Mapping
from dataclasses import dataclass

FINAL_STATUSES = frozenset({"succeeded", "canceled"})


CANCELABLE_STATUSES = frozenset(
    {"requires_payment_method", "requires_confirmation", "requires_action"}
)


@dataclass(frozen=True, slots=True)
class LastPaymentError:
    """Why the last attempt failed, in Stripe's words, which the cardholder may see."""

    code: str
    decline_code: str | None
    message: str


@dataclass(frozen=True, slots=True)
class PaymentIntent:
    """A PaymentIntent as Stripe returned it at one moment. `client_secret` is for its owner only.

    It includes what happened to the money later: `amount_refunded` is in minor units, and
    `dispute_status` is the status of the latest dispute, if there was one. `payment_id` is our
    metadata on it.
    """

    payment_intent_id: str
    status: str
    client_secret: str
    payment_method_id: str | None
    next_action: Mapping[str, object] | None
    last_payment_error: LastPaymentError | None
    amount_refunded: int = 0
    dispute_status: str | None = None
    payment_id: str | None = None

    def __repr__(self) -> str:
        return f"PaymentIntent({self.payment_intent_id}, {self.status})"
