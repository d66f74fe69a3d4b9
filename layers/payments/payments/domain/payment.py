"""A payment: our row, a versioned copy of what Stripe says.

Amounts are integers in the currency's minor unit: 1099 is €10.99, or ¥1099.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from payments.domain.clock import now
from payments.domain.line_id import line_id, line_id_at
from payments.domain.order_line import OrderLine
from payments.domain.payment_intent import (
    AUTHENTICATION_REQUIRED,
    CANCELABLE_STATUSES,
    FINAL_STATUSES,
    HELD,
    MISMATCHED,
    Dispute,
    LastPaymentError,
    PaymentIntent,
    Refund,
    refunded,
)
from payments.domain.radar import (
    EARLY_FRAUD_WARNING,
    RADAR_LINES,
    REVIEW,
    REVIEW_CLOSED,
    FraudWarning,
    Review,
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
# What the history says where money that was held was not captured in time.
HOLD_EXPIRED = "hold_expired"

# What the history says where the merchant had cancelled the order before its payment succeeded.
ORDER_CANCELED_BUT_PAID = "order_canceled_but_paid"

OUR_ENDS = frozenset({REFUSED, MISMATCHED, LOST_AT_STRIPE, EXPIRED})

# What the history says where Stripe refused for good to give money back.
REFUND_REFUSED = "refund_refused"

# What waits for the person to pay, and is cancelled if they never do.
_WAITING_STATUSES = frozenset({"requires_payment_method", "requires_confirmation"})

# What the history says about a refund and a dispute with this status.
# https://docs.stripe.com/api/refunds/object https://docs.stripe.com/api/disputes/object
REFUND_LINES = {
    "pending": "refund_pending",
    "requires_action": "refund_requires_action",
    "failed": "refund_failed",
    "canceled": "refund_canceled",
}
DISPUTE_LINES = {
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
    `refund_canceled`, `refund_refused`, `inquiry`, `inquiry_closed`, `disputed`, `dispute_won`,
    `dispute_lost`, `dispute_closed`; `review`, `review_closed`, `early_fraud_warning`, which are
    Radar's; `hold_expired` after `canceled`; or an end of our own:
    `refused`, `mismatched`, `lost_at_stripe`, `expired`.
    A refused attempt is a line even where the status stays the same. `by` is the step that wrote
    it: `create`, `confirm`, `get`, `webhook`, `reconcile`, `replay`, `rebuild`. `actor` is who
    asked for that step (see `Actor`), or the step itself; it is empty in lines from before it was
    written. `id` tells the line apart in the ids of events (see `line_id`); it is empty in lines
    from before that, and in those of a rebuild that may have had another one.
    """

    at: str
    from_status: str
    to_status: str
    by: str
    actor: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """A refund that was written down and that Stripe has not shown yet: its amount is reserved."""

    refund_id: str
    amount: int
    actor: str = ""


CAPTURE = "capture"
CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Instruction:
    """What somebody wants done with a payment, written down until Stripe has done it.

    `action` is `capture`, of this `amount`, or `cancel`.
    """

    action: str
    actor: str
    amount: int | None = None

    def is_possible(self, status: str) -> bool:
        """Whether it can still be carried out with a payment of this status."""
        return status == HELD or (self.action == CANCEL and status in CANCELABLE_STATUSES)

    def led_to(self, status: str) -> bool:
        """Whether this is the status that it was to lead to."""
        return status == ("succeeded" if self.action == CAPTURE else "canceled")


@dataclass(frozen=True, slots=True)
class KeyUse:
    """What a person's idempotency key was answered with, where that is an order's payment.

    `key_id` is the id that a payment of their own would have under this key.
    """

    key_id: str
    same_payment_as: str
    request_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Our row: what is paid for, and a versioned copy of what Stripe says about it.

    `amount` is the sum of the lines, `tax_amount` and `shipping_amount`, less `discount_amount`.
    `order_id` names the merchant's order that it pays, `order_reference` is the merchant's own name
    for that, `order_expires_at` is until when it can be paid, and `order_closed` says `canceled` if
    it cannot any more. With `capture_method` `manual`, `amount_capturable` is held until
    `capture_before`. `off_session`: the merchant charges while the person is away.
    `refund_requests` and `instruction` are what was asked for and Stripe has not shown yet.
    `replaced_card` is a card that is to be detached once this payment is over: the same card was
    saved again, and this one stayed because the payment has it.
    While a `review` is open, the money may be charged, but nobody is told to fulfil.
    `created_by` is who asked for it. Of an order's payment, `key_id` and `key_hash` are what the
    key that started it was answered with: see `KeyUse`. Older rows have none of the three.
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
    instruction: Instruction | None = None
    disputes: tuple[Dispute, ...] = ()
    account_id: str | None = None
    key_generation: int = 1
    cvc_recollected: bool = False
    history: tuple[StatusChange, ...] = ()
    replaced_card: str | None = None
    review: Review | None = None
    fraud_warnings: tuple[FraudWarning, ...] = ()
    created_by: str | None = None
    key_id: str | None = None
    key_hash: str | None = None
    version: int = 1

    def belongs_to(self, user_id: str, *, livemode: bool) -> bool:
        """Whether it is this person's and was made in this mode."""
        return self.user_id == user_id and self.livemode == livemode

    @property
    def order_is_over(self) -> bool:
        """Whether its order was cancelled or has expired, so that nothing may be charged."""
        expired = self.order_expires_at is not None and self.order_expires_at <= now()
        return self.order_closed is not None or expired

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
        waits = self.status in _WAITING_STATUSES and self.instruction is None
        return not waits and not self.only_holds

    @property
    def only_holds(self) -> bool:
        """Whether the money is held, and nothing is to be done until the hold runs out."""
        wanted = self.instruction or self.replaced_card or self.order_closed
        return self.status == HELD and not wanted

    @property
    def has_work_left(self) -> bool:
        """Whether reconciliation has to come back to it."""
        wanted = self.replaced_card is not None or bool(self.refund_requests)
        return wanted or not self.is_closed

    def needs_card(self, payment_method_id: str) -> bool:
        """Whether it is to be paid with this card, as far as anybody knows."""
        return not self.is_closed and self.payment_method_id == payment_method_id

    @property
    def can_take_another_card(self) -> bool:
        """Whether the person may still pay it with another card: no attempt is under way."""
        return self.status in _WAITING_STATUSES and not self.cvc_recollected

    @property
    def history_for_payer(self) -> tuple[StatusChange, ...]:
        """The history without Radar's lines: whoever commits fraud does not learn what is seen.

        A payment that is charged and under review has succeeded, as far as its payer is told.
        """
        told: list[StatusChange] = []
        for line in self.history:
            status, paid = line.to_status, any(each.to_status == "succeeded" for each in told)
            if status == REVIEW and line.from_status != HELD and self.status == "succeeded":
                status = "succeeded"
            if status in RADAR_LINES or (status == "succeeded" and paid):
                continue
            before = told[-1].to_status if told else line.from_status
            told.append(replace(line, from_status=before, to_status=status))
        return tuple(told)

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
        lines = self._lines_to(written, intent, at=at, by=by, actor=actor)
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
        if differences and not self._is_canceled_by(intent):
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
            amount_capturable=intent.amount_capturable,
            capture_before=(
                (intent.capture_before or self.capture_before) if status == HELD else None
            ),
            dispute_status=self.dispute_status if disputes is None else intent.dispute_status,
            refunds=tuple(self._noticed(intent.refunds)),
            refund_requests=self._still_requested(intent.refunds),
            instruction=(
                self.instruction
                if self.instruction and self.instruction.is_possible(status)
                else None
            ),
            disputes=self.disputes if disputes is None else disputes,
            review=self._review_after(intent.review),
            fraud_warnings=(
                self.fraud_warnings if intent.fraud_warnings is None else intent.fraud_warnings
            ),
            cvc_recollected=self._recollected_after(intent),
            account_id=self.account_id or intent.account_id,
        )

    def _is_canceled_by(self, intent: PaymentIntent) -> bool:
        """Whether its own intent is cancelled: that charges nothing, whatever else was changed."""
        is_its_own = self.payment_intent_id == intent.payment_intent_id
        return is_its_own and intent.status == "canceled" and intent.amount_received == 0

    def ended(self, status: str, error: LastPaymentError, *, by: str, actor: str = "") -> "Payment":
        """The next version of the row, with an end of our own making and the reason for it."""
        at = now()
        id_ = line_id_at(status, at)
        line = StatusChange(at, self._last_status, status, by, actor, id_)
        return replace(
            self,
            status=status,
            last_payment_error=error,
            history=(*self.history, line),
            version=self.version + 1,
            updated_at=at,
        )

    def with_refund_request(self, request: RefundRequest) -> "Payment":
        """The next version of the row, with an amount reserved for a refund."""
        return self._written(refund_requests=(*self.refund_requests, request))

    def without_refund_request(self, refund_id: str, *, by: str, actor: str) -> "Payment":
        """The next version of the row, with a refund that Stripe refuses for good."""
        left = tuple(each for each in self.refund_requests if each.refund_id != refund_id)
        id_ = line_id(refund_id, REFUND_REFUSED)
        line = StatusChange(now(), self._last_status, REFUND_REFUSED, by, actor, id_)
        return self._written(refund_requests=left, history=(*self.history, line))

    def with_instruction(self, instruction: Instruction | None) -> "Payment":
        """The next version of the row, with what Stripe is to be asked for; None: nothing more."""
        return self._written(instruction=instruction)

    def _written(self, **changes: Any) -> "Payment":
        return replace(self, **changes, version=self.version + 1, updated_at=now())

    def _review_after(self, review: Review | None) -> Review | None:
        """The review, which never opens again; one without a name says no more than the row's."""
        before = self.review
        if review is None or (before and review.review_id is None):
            return before
        is_older = before and before.review_id == review.review_id and review.open
        return before if is_older else review

    def _noticed(self, refunds: Iterable[Refund]) -> Iterator[Refund]:
        """The refunds, each with the time at which we saw its status change."""
        known = {refund.refund_id: refund for refund in self.refunds}
        for refund in refunds:
            before = known.get(refund.refund_id)
            same = before is not None and before.status == refund.status
            yield replace(refund, updated_at=before.updated_at if before and same else now())

    def _still_requested(self, refunds: Iterable[Refund]) -> tuple[RefundRequest, ...]:
        at_stripe = {refund.requested_as for refund in refunds}
        return tuple(each for each in self.refund_requests if each.refund_id not in at_stripe)

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
        self, written: "Payment", intent: PaymentIntent, *, at: str, by: str, actor: str
    ) -> Iterator[StatusChange]:
        """The lines to add to the history: one per change, even if we missed several at once.

        Whoever wanted a change is its actor, even where another step notices it first.
        """
        status = self._last_status
        told = {line.id for line in self.history}
        for new_status, object_id, wanted_by in self._new_statuses(written, intent):
            id_ = line_id(object_id, new_status)
            if not id_ or id_ in told:
                id_ = line_id_at(new_status, at)
            if id_ in told:  # in the same millisecond
                id_ += f"-{len(told)}"
            told.add(id_)
            yield StatusChange(at, status, new_status, by, wanted_by or actor, id_)
            status = new_status

    def _new_statuses(
        self, written: "Payment", intent: PaymentIntent
    ) -> Iterator[tuple[str, str | None, str | None]]:
        """What has changed: the Stripe object that it is about, and who wanted that, if known.

        There is no object where the same may come again.
        """
        wanted, intent_id = self.instruction, intent.payment_intent_id
        if written.status != self.status or self._is_another_attempt(written.last_payment_error):
            as_wanted = wanted is not None and wanted.led_to(written.status)
            actor = wanted.actor if wanted and as_wanted else None
            if status := self._announced(written):
                yield status, self._object_of(written, intent_id), actor
            if self._needs_the_person(written):
                yield AUTHENTICATION_REQUIRED, _charge_of(written), None
        if written.status == "canceled" != self.status and intent.hold_ran_out:
            yield HOLD_EXPIRED, intent_id, None
        if written.status == "succeeded" != self.status and self.order_closed:
            yield ORDER_CANCELED_BUT_PAID, intent_id, None
        yield from self._refund_lines(written)
        yield from self._dispute_lines(written)
        yield from self._radar_lines(written, intent_id)

    def _announced(self, written: "Payment") -> str | None:
        """The status that the history tells; None where the lines of the review tell it.

        A success is only told once its review, if there is one, lets it pass.
        """
        if written.status != "succeeded" or written.review is None:
            return written.status
        if written.review.open or self.review is None:
            return REVIEW
        return None if self.review.open else written.status

    def _radar_lines(
        self, written: "Payment", intent_id: str
    ) -> Iterator[tuple[str, str | None, None]]:
        before, review = self.review, written.review
        if review:
            told = written.status == "succeeded" != self.status  # as the line of its success
            if before is None and not told:
                yield REVIEW, review.review_id, None
            if not review.open and (before is None or before.open):
                yield REVIEW_CLOSED, review.review_id, None
                announced = any(line.to_status == "succeeded" for line in self.history)
                if written.status == "succeeded" and review.lets_pass and not announced:
                    yield "succeeded", intent_id, None
        known = {warning.warning_id for warning in self.fraud_warnings}
        for warning in written.fraud_warnings:
            if warning.warning_id not in known:
                yield EARLY_FRAUD_WARNING, warning.warning_id, None

    def _object_of(self, written: "Payment", intent_id: str) -> str | None:
        """The Stripe object that can have this status only once."""
        if self._announced(written) == REVIEW:
            return written.review.review_id if written.review else None
        if written.status == "requires_payment_method":
            return _charge_of(written)
        begins = self.status == PENDING and written.status == "requires_confirmation"
        once = begins or written.is_final or written.status == HELD
        return intent_id if once else None

    def _needs_the_person(self, written: "Payment") -> bool:
        """Whether a charge in absence has failed because the bank wants to see the person."""
        error = written.last_payment_error
        waits = written.status == "requires_payment_method" and self.off_session
        return waits and error is not None and error.code == AUTHENTICATION_REQUIRED

    def _is_another_attempt(self, error: LastPaymentError | None) -> bool:
        before = self.last_payment_error
        return bool(error and before and error.charge_id and error.charge_id != before.charge_id)

    def _refund_lines(self, written: "Payment") -> Iterator[tuple[str, str, str | None]]:
        known = {refund.refund_id: refund for refund in self.refunds}
        wanted_by = {request.refund_id: request.actor for request in self.refund_requests}
        for refund in written.refunds:
            before = known.get(refund.refund_id)
            known[refund.refund_id] = refund
            if before and before.status == refund.status:
                continue
            actor = wanted_by.get(refund.requested_as or "")
            if refund.status == "succeeded":
                whole = refunded(known.values()) >= (written.amount_received or self.amount)
                line = "refunded" if whole else "partially_refunded"
            else:
                line = REFUND_LINES.get(refund.status, "refund_pending")
            yield line, refund.refund_id, actor

    def _dispute_lines(self, written: "Payment") -> Iterator[tuple[str, str, None]]:
        before = {dispute.dispute_id: _dispute_line(dispute) for dispute in self.disputes}
        for dispute in written.disputes:
            line = _dispute_line(dispute)
            if before.get(dispute.dispute_id) != line:
                yield line, dispute.dispute_id, None


def _charge_of(payment: Payment) -> str | None:
    """The charge that the last attempt has left, if it has."""
    error = payment.last_payment_error
    return error.charge_id if error else None


def _dispute_line(dispute: Dispute) -> str:
    return DISPUTE_LINES.get(dispute.status, "disputed")


def payment_id_for(user_id: str, idempotency_key: str, *, livemode: bool) -> str:
    """The id of the payment that this person starts with this key: always the same one."""
    mode = "live" if livemode else "test"
    digest = hashlib.sha256(f"{mode}:{user_id}:{idempotency_key}".encode()).hexdigest()
    return f"pay_{digest[:32]}"
