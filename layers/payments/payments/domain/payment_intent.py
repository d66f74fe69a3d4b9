"""A PaymentIntent, as Stripe returns it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from payments.domain.errors import is_retryable
from payments.domain.radar import FraudWarning, Review

FINAL_STATUSES = frozenset({"succeeded", "canceled"})


CANCELABLE_STATUSES = frozenset(
    {"requires_payment_method", "requires_confirmation", "requires_action"}
)


HELD = "requires_capture"  # the bank holds the money for us, until it is captured or let go

# Why Stripe cancels an intent by itself: nobody has captured what was held.
_HOLD_RAN_OUT = frozenset({"automatic", "expired"})

MISMATCHED = "mismatched"  # the reason why a payment whose intent is not its own has ended

# The bank wants to see the person, who was not there.
AUTHENTICATION_REQUIRED = "authentication_required"
_A_DAY = 24 * 60 * 60

# Whoever tries out stolen cards is not to learn which of them are known as such.
_SUSPICIOUS = frozenset(
    {"fraudulent", "lost_card", "merchant_blacklist", "pickup_card", "stolen_card"}
)


@dataclass(frozen=True, slots=True)
class LastPaymentError:
    """Why the last attempt failed, in Stripe's words. `charge_id` tells attempts apart.

    The codes are for the merchant: what the payer may hear of them is `told_to_payer`.
    """

    code: str
    decline_code: str | None
    message: str
    charge_id: str | None = None
    network_decline_code: str | None = None
    advice_code: str | None = None

    @property
    def retryable(self) -> bool:
        """Whether the same card may succeed on another try with nobody there."""
        if self.code == AUTHENTICATION_REQUIRED:
            return False  # the person has to finish it
        return is_retryable(self.decline_code or self.code, self.advice_code)

    @property
    def retry_after_seconds(self) -> int | None:
        """How long to wait before that: banks count attempts, and money comes overnight."""
        return _A_DAY if self.retryable else None

    def told_to_payer(self) -> "LastPaymentError":
        """The same, but a lost, stolen or suspicious card is a declined one like any other.

        How an intent differs from its payment may name somebody else's.
        See https://docs.stripe.com/declines/codes
        """
        if self.code == MISMATCHED:
            return LastPaymentError(MISMATCHED, None, "This payment cannot be completed.")
        if _SUSPICIOUS.isdisjoint({self.decline_code, self.code}):
            return self
        return LastPaymentError("card_declined", "generic_decline", "Your card was declined.")


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund of a payment's charge. `amount` is in minor units, `status` is Stripe's.

    `requested_as` is our own id of it; one from Stripe's dashboard has none. `updated_at` is when
    we saw its status change.
    """

    refund_id: str
    amount: int
    status: str
    failure_reason: str | None = None
    requested_as: str | None = None
    reason: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


def refunded(refunds: Iterable[Refund]) -> int:
    """How much has been given back: what is pending, failed or cancelled does not count."""
    return sum(refund.amount for refund in refunds if refund.status == "succeeded")


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute of a payment's charge, or an inquiry before one; `status` is Stripe's.

    `amount` is in minor units of `currency`; until `evidence_due_by` the merchant may answer.
    """

    dispute_id: str
    status: str
    amount: int | None = None
    currency: str | None = None
    reason: str | None = None
    evidence_due_by: str | None = None
    created_at: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentIntent:
    """A PaymentIntent as Stripe returned it at one moment. `client_secret` is for its owner only.

    It includes what happened to the money later. Amounts are in minor units: `amount_refunded` is
    what refunds have succeeded for, `amount_capturable` is held until `capture_before`, and
    `dispute_status` is that of the dispute that weighs most.
    `payment_id` and `stack` are our metadata on it, `account_id` is the account it is in. What
    Stripe did not say is None.
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
    stack: str | None = None
    stripe_customer_id: str | None = None
    account_id: str | None = None
    amount: int | None = None
    currency: str | None = None
    livemode: bool | None = None
    amount_received: int = 0
    refunds: tuple[Refund, ...] = ()
    disputes: tuple[Dispute, ...] | None = ()  # None: they were not read
    amount_capturable: int = 0
    capture_before: str | None = None
    cancellation_reason: str | None = None
    review: Review | None = None  # None: there is none, or it was not read
    fraud_warnings: tuple[FraudWarning, ...] | None = None  # None: they were not read

    @property
    def hold_ran_out(self) -> bool:
        """Whether Stripe has cancelled it because nobody captured what was held."""
        return self.status == "canceled" and self.cancellation_reason in _HOLD_RAN_OUT

    def __repr__(self) -> str:
        return f"PaymentIntent({self.payment_intent_id}, {self.status})"
