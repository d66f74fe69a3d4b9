"""A payment: our row, a versioned copy of what Stripe says.

Amounts are integers in the currency's minor unit: 1099 is €10.99, or ¥1099.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from payments.domain.clock import now
from payments.domain.order_line import OrderLine
from payments.domain.payment_intent import (
    FINAL_STATUSES,
    MISMATCHED,
    Dispute,
    LastPaymentError,
    PaymentIntent,
    Refund,
    refunded,
)

# Stripe keeps an idempotency key for at least 24 hours. We count on one hour less, because our
# clock and Stripe's may differ. https://docs.stripe.com/api/idempotent_requests
STRIPE_REMEMBERS_KEYS_FOR = timedelta(hours=23)


PENDING = "pending"


# How a payment ends when Stripe does not say it: each yields to what Stripe shows later.
# MISMATCHED: its PaymentIntent is not what the row says it should be.
REFUSED = "refused"  # Stripe refuses to create its PaymentIntent, or to cancel it
LOST_AT_STRIPE = "lost_at_stripe"  # our key can no longer see its PaymentIntent
EXPIRED = "expired"  # its PaymentIntent could not be created for too long
OUR_ENDS = frozenset({REFUSED, MISMATCHED, LOST_AT_STRIPE, EXPIRED})

# What waits for the person to pay, and is cancelled if they never do.
_WAITING_STATUSES = frozenset({"requires_payment_method", "requires_confirmation"})

# What the history says about a refund and a dispute with this status.
# https://docs.stripe.com/api/refunds/object https://docs.stripe.com/api/disputes/object
_REFUND_LINES = {
    "pending": "refund_pending",
    "requires_action": "refund_requires_action",
    "failed": "refund_failed",
    "canceled": "refund_canceled",
}
_DISPUTE_LINES = {
    "warning_needs_response": "inquiry",
    "warning_under_review": "inquiry",
    "warning_closed": "inquiry_closed",
    "won": "dispute_won",
    "lost": "dispute_lost",
    "prevented": "dispute_closed",
}

# A refund with one of these has given money back, or may still: of the others it returned.
_MONEY_GOES_BACK = frozenset({"succeeded", "pending", "requires_action"})
_DECIDED_DISPUTES = frozenset({"won", "lost", "prevented", "warning_closed"})


@dataclass(frozen=True, slots=True)
class StatusChange:
    """One line of a payment's history: when, from what to what, and who noticed.

    Statuses are those of a PaymentIntent and, after `succeeded`, what happened to the money:
    `refund_pending`, `refund_requires_action`, `partially_refunded`, `refunded`, `refund_failed`,
    `refund_canceled`, `inquiry`, `inquiry_closed`, `disputed`, `dispute_won`, `dispute_lost`,
    `dispute_closed`; or an end of our own: `refused`, `mismatched`, `lost_at_stripe`, `expired`.
    A refused attempt is a line even where the status stays the same. `by` is the step that wrote
    it: `create`, `confirm`, `get`, `webhook`, `reconcile`, `replay`. `actor` is who asked for that
    step (see `Actor`), or the step itself; it is empty in lines from before it was written.
    """

    at: str
    from_status: str
    to_status: str
    by: str
    actor: str = ""


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """A refund that was written down and that Stripe has not shown yet: its amount is reserved."""

    refund_id: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Our row: what is paid for, and a versioned copy of what Stripe says about it.

    `amount` is the sum of the lines, `tax_amount` and `shipping_amount`, less `discount_amount`.
    `order_id` names the merchant's order that it pays, `order_reference` is the merchant's own name
    for that, `order_expires_at` is until when it can be paid, and `order_closed` says `canceled` if
    it cannot any more. With `capture_method` `manual`, `amount_capturable` is held until
    `capture_before`. `off_session`: the merchant charges while the person is away.
    `replaced_card` is a card that is to be detached once this payment is over: the same card was
    saved again, and this one stayed because the payment has it.
    """

    payment_id: str
    user_id: str
    stripe_customer_id: str
    livemode: bool
    lines: tuple[OrderLine, ...]
    amount: int
    currency: str
    payment_method_id: str
    request_hash: str
    created_at: str
    updated_at: str
    order_id: str | None = None
    order_reference: str | None = None
    order_expires_at: str | None = None
    order_closed: str | None = None
    tax_amount: int = 0
    shipping_amount: int = 0
    discount_amount: int = 0
    capture_method: str = "automatic"
    off_session: bool = False
    status: str = PENDING
    payment_intent_id: str | None = None
    last_payment_error: LastPaymentError | None = None
    amount_received: int = 0
    amount_refunded: int = 0
    amount_capturable: int = 0
    capture_before: str | None = None
    dispute_status: str | None = None
    refunds: tuple[Refund, ...] = ()
    refund_requests: tuple[RefundRequest, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    account_id: str | None = None
    key_generation: int = 1
    cvc_recollected: bool = False
    history: tuple[StatusChange, ...] = ()
    replaced_card: str | None = None
    version: int = 1

    def belongs_to(self, user_id: str, *, livemode: bool) -> bool:
        """Whether it is this person's and was made in this mode."""
        return self.user_id == user_id and self.livemode == livemode

    @property
    def is_final(self) -> bool:
        """Whether Stripe has decided it, so that nothing can change it any more."""
        return self.status in FINAL_STATUSES

    @property
    def is_closed(self) -> bool:
        """Whether nobody works on it any more."""
        return self.is_final or self.status in OUR_ENDS

    @property
    def is_in_doubt(self) -> bool:
        """Whether money may be on its way, or nothing is known of it yet."""
        return self.status not in _WAITING_STATUSES

    @property
    def has_work_left(self) -> bool:
        """Whether reconciliation has to come back to it."""
        return not self.is_closed or self.replaced_card is not None

    def needs_card(self, payment_method_id: str) -> bool:
        """Whether it is to be paid with this card, as far as anybody knows."""
        return not self.is_closed and self.payment_method_id == payment_method_id

    @property
    def can_take_another_card(self) -> bool:
        """Whether the person may still pay it with another card: no attempt is under way."""
        return self.status in _WAITING_STATUSES and not self.cvc_recollected

    @property
    def amount_refundable(self) -> int:
        """What can still be given back: not what is on its way back, nor what was asked for."""
        at_stripe = sum(each.amount for each in self.refunds if each.status in _MONEY_GOES_BACK)
        requested = sum(request.amount for request in self.refund_requests)
        return max(self.amount_received - at_stripe - requested, 0)

    @property
    def has_open_dispute(self) -> bool:
        """Whether a dispute or an inquiry waits for an answer or for the bank's decision."""
        return any(dispute.status not in _DECIDED_DISPUTES for dispute in self.disputes)

    @property
    def idempotency_key(self) -> str:
        """The key under which Stripe is asked to create its PaymentIntent."""
        if self.key_generation == 1:
            return self.payment_id
        return f"{self.payment_id}-g{self.key_generation}"

    @property
    def stripe_may_have_forgotten(self) -> bool:
        """Whether Stripe may have forgotten this payment's idempotency key."""
        age = datetime.now(UTC) - datetime.fromisoformat(self.created_at)
        return age > STRIPE_REMEMBERS_KEYS_FOR

    def differences_from(self, intent: PaymentIntent) -> str:
        """How an intent differs from what this payment's has to be; empty if it does not."""
        pairs = {
            "id": (self.payment_intent_id, intent.payment_intent_id),
            "customer": (self.stripe_customer_id, intent.stripe_customer_id),
            "amount": (self.amount, intent.amount),
            "currency": (self.currency, intent.currency),
            "livemode": (self.livemode, intent.livemode),
        }
        return "; ".join(
            f"{name}: {ours} here, {theirs} at Stripe"
            for name, (ours, theirs) in pairs.items()
            if None not in {ours, theirs} and ours != theirs
        )

    def reflects(self, intent: PaymentIntent) -> bool:
        """Whether the row already says what Stripe says."""
        return self._saying(intent) == self

    def after(self, intent: PaymentIntent, *, by: str, actor: str = "") -> "Payment":
        """The next version of the row, with what Stripe says."""
        at = now()
        written = self._saying(intent)
        lines = self._lines_to(written, at=at, by=by, actor=actor)
        return replace(
            written,
            history=(*self.history, *lines),
            version=self.version + 1,
            updated_at=at,
        )

    def _saying(self, intent: PaymentIntent) -> "Payment":
        """The row with what Stripe says.

        What Stripe has once called succeeded or canceled stays so: an intent that says otherwise
        is older than the row, or not this payment's.
        """
        status, error, disputes = intent.status, intent.last_payment_error, intent.disputes
        differences = self.differences_from(intent)
        if self.is_final and (differences or status != self.status):
            return self
        if differences:
            status = MISMATCHED
            error = LastPaymentError(MISMATCHED, None, differences)
        return replace(
            self,
            status=status,
            payment_intent_id=self.payment_intent_id or intent.payment_intent_id,
            payment_method_id=intent.payment_method_id or self.payment_method_id,
            last_payment_error=error,
            amount_received=intent.amount_received,
            amount_refunded=intent.amount_refunded,
            dispute_status=self.dispute_status if disputes is None else intent.dispute_status,
            refunds=intent.refunds,
            disputes=self.disputes if disputes is None else disputes,
            cvc_recollected=self._recollected_after(intent),
            account_id=self.account_id or intent.account_id,
        )

    def ended(self, status: str, error: LastPaymentError, *, by: str, actor: str = "") -> "Payment":
        """The next version of the row, with an end of our own making and the reason for it."""
        at = now()
        line = StatusChange(at, self._last_status, status, by, actor)
        return replace(
            self,
            status=status,
            last_payment_error=error,
            history=(*self.history, line),
            version=self.version + 1,
            updated_at=at,
        )

    @property
    def _last_status(self) -> str:
        return (self.history[-1].to_status if self.history else "") or self.status

    def _recollected_after(self, intent: PaymentIntent) -> bool:
        """Whether Stripe already has the CVC for the current attempt.

        A challenge starts only after a confirmation with a CVC. The attempt then goes through
        `requires_confirmation` again, and a refusal ends it.
        """
        if intent.status == "requires_confirmation":
            return self.cvc_recollected
        return intent.status != "requires_payment_method"

    def _lines_to(
        self, written: "Payment", *, at: str, by: str, actor: str
    ) -> Iterator[StatusChange]:
        """The lines to add to the history: one per change, even if we missed several at once."""
        status = self._last_status
        for new_status in self._new_statuses(written):
            yield StatusChange(at, status, new_status, by, actor)
            status = new_status

    def _new_statuses(self, written: "Payment") -> Iterator[str]:
        if written.status != self.status or self._is_another_attempt(written.last_payment_error):
            yield written.status
        yield from self._refund_lines(written)
        yield from self._dispute_lines(written)

    def _is_another_attempt(self, error: LastPaymentError | None) -> bool:
        before = self.last_payment_error
        return bool(error and before and error.charge_id and error.charge_id != before.charge_id)

    def _refund_lines(self, written: "Payment") -> Iterator[str]:
        known = {refund.refund_id: refund for refund in self.refunds}
        for refund in written.refunds:
            before = known.get(refund.refund_id)
            known[refund.refund_id] = refund
            if before and before.status == refund.status:
                continue
            if refund.status == "succeeded":
                whole = refunded(known.values()) >= self.amount
                yield "refunded" if whole else "partially_refunded"
            else:
                yield _REFUND_LINES.get(refund.status, "refund_pending")

    def _dispute_lines(self, written: "Payment") -> Iterator[str]:
        before = {dispute.dispute_id: _dispute_line(dispute) for dispute in self.disputes}
        for dispute in written.disputes:
            line = _dispute_line(dispute)
            if before.get(dispute.dispute_id) != line:
                yield line


def _dispute_line(dispute: Dispute) -> str:
    return _DISPUTE_LINES.get(dispute.status, "disputed")


def payment_id_for(user_id: str, idempotency_key: str, *, livemode: bool) -> str:
    """The id of the payment that this person starts with this key: always the same one."""
    mode = "live" if livemode else "test"
    digest = hashlib.sha256(f"{mode}:{user_id}:{idempotency_key}".encode()).hexdigest()
    return f"pay_{digest[:32]}"
