"""A PaymentIntent, as Stripe tells it."""

from collections.abc import Mapping
from dataclasses import dataclass

FINAL_STATUSES = frozenset({"succeeded", "canceled"})


CANCELABLE_STATUSES = frozenset(
    {"requires_payment_method", "requires_confirmation", "requires_action"}
)


@dataclass(frozen=True, slots=True)
class LastPaymentError:
    """Why the last attempt failed, in Stripe's words, which are fit for the cardholder."""

    code: str
    decline_code: str | None
    message: str


@dataclass(frozen=True, slots=True)
class PaymentIntent:
    """A PaymentIntent as Stripe told it at one moment. `client_secret` is for its owner only.

    What became of the money afterwards belongs to it: `amount_refunded` is in minor units, and
    `dispute_status` is that of the latest dispute, if there ever was one. `payment_id` is our
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
