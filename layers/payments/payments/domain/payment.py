"""A payment: our row, a versioned copy of what Stripe says.

Amounts are integers in the currency's minor unit: 1099 is €10.99, or ¥1099.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from payments.domain.clock import now
from payments.domain.payment_intent import FINAL_STATUSES, LastPaymentError, PaymentIntent

# Stripe keeps an idempotency key for at least 24 hours. We count on one hour less, because our
# clock and Stripe's may differ. https://docs.stripe.com/api/idempotent_requests
STRIPE_REMEMBERS_KEYS_FOR = timedelta(hours=23)


PENDING = "pending"


# What the history says when a dispute has ended; any other status of a dispute is "disputed".
# https://docs.stripe.com/api/disputes/object
_ENDED_DISPUTES = {
    "won": "dispute_won",
    "lost": "dispute_lost",
    "prevented": "dispute_closed",
    "warning_closed": "dispute_closed",
}


@dataclass(frozen=True, slots=True)
class StatusChange:
    """One line of a payment's history: when, from what to what, and who noticed.

    Statuses are those of a PaymentIntent and, after `succeeded`, what happened to the money:
    `partially_refunded`, `refunded`, `refund_failed`, `disputed`, `dispute_won`, `dispute_lost`,
    `dispute_closed`. `by` is the step that wrote it: `create`, `confirm`, `get`, `webhook`,
    `reconcile`, `replay`.
    """

    at: str
    from_status: str
    to_status: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Our row: the order, and a versioned copy of what Stripe says about it."""

    payment_id: str
    user_id: str
    stripe_customer_id: str
    livemode: bool
    product_id: str
    quantity: int
    amount: int
    currency: str
    payment_method_id: str
    request_hash: str
    created_at: str
    updated_at: str
    status: str = PENDING
    payment_intent_id: str | None = None
    last_payment_error: LastPaymentError | None = None
    amount_refunded: int = 0
    dispute_status: str | None = None
    cvc_recollected: bool = False
    history: tuple[StatusChange, ...] = ()
    version: int = 1

    @property
    def is_final(self) -> bool:
        """Whether no confirmation can change it any more."""
        return self.status in FINAL_STATUSES

    @property
    def stripe_may_have_forgotten(self) -> bool:
        """Whether Stripe may have forgotten this payment's idempotency key."""
        age = datetime.now(UTC) - datetime.fromisoformat(self.created_at)
        return age > STRIPE_REMEMBERS_KEYS_FOR

    def reflects(self, intent: PaymentIntent) -> bool:
        """Whether the row already says what Stripe says."""
        return (
            self.payment_intent_id == intent.payment_intent_id
            and self.status == intent.status
            and self.last_payment_error == intent.last_payment_error
            and self.amount_refunded == intent.amount_refunded
            and self.dispute_status == intent.dispute_status
            and (intent.payment_method_id in {None, self.payment_method_id})
        )

    def after(self, intent: PaymentIntent, *, by: str) -> "Payment":
        """The next version of the row, with what Stripe says."""
        at = now()
        return replace(
            self,
            status=intent.status,
            payment_intent_id=intent.payment_intent_id,
            payment_method_id=intent.payment_method_id or self.payment_method_id,
            last_payment_error=intent.last_payment_error,
            amount_refunded=intent.amount_refunded,
            dispute_status=intent.dispute_status,
            cvc_recollected=self._recollected_after(intent),
            history=(*self.history, *self._changes_to(intent, at=at, by=by)),
            version=self.version + 1,
            updated_at=at,
        )

    def _recollected_after(self, intent: PaymentIntent) -> bool:
        """Whether Stripe already has the CVC for the current attempt.

        A challenge starts only after a confirmation with a CVC. The attempt then goes through
        `requires_confirmation` again, and a refusal ends it.
        """
        if intent.status == "requires_confirmation":
            return self.cvc_recollected
        return intent.status != "requires_payment_method"

    def _changes_to(self, intent: PaymentIntent, *, at: str, by: str) -> Iterator[StatusChange]:
        """The lines to add to the history: one per change, even if we missed several at once."""
        status = self.history[-1].to_status if self.history else self.status
        for new_status in self._new_statuses(intent):
            yield StatusChange(at=at, from_status=status, to_status=new_status, by=by)
            status = new_status

    def _new_statuses(self, intent: PaymentIntent) -> Iterator[str]:
        if intent.status != self.status:
            yield intent.status
        if intent.amount_refunded < self.amount_refunded:
            yield "refund_failed"
        elif intent.amount_refunded > self.amount_refunded:
            yield "refunded" if intent.amount_refunded >= self.amount else "partially_refunded"
        disputed = _in_history(intent.dispute_status)
        if disputed and disputed != _in_history(self.dispute_status):
            yield disputed


def _in_history(dispute_status: str | None) -> str | None:
    """What the history calls a dispute with this status."""
    return _ENDED_DISPUTES.get(dispute_status, "disputed") if dispute_status else None


def payment_id_for(user_id: str, idempotency_key: str, *, livemode: bool) -> str:
    """The id of the payment that this person starts with this key: always the same one."""
    mode = "live" if livemode else "test"
    digest = hashlib.sha256(f"{mode}:{user_id}:{idempotency_key}".encode()).hexdigest()
    return f"pay_{digest[:32]}"
