"""Refunds: what was asked for, and what became of it. Amounts are in minor units.

What Stripe says about a refund is in its payment's row (`payment_intent.Refund`). The row of a
refund keeps what was asked for, by whom and why, and Stripe's refusal if there was one.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from payments.domain.clock import now
from payments.domain.currency import CURRENCIES, written
from payments.domain.errors import (
    AmountTooLargeError,
    PaymentNotRefundableError,
    PaymentsError,
    ValidationError,
)
from payments.domain.payment import Payment
from payments.domain.payment_intent import Refund

type Reason = Literal["duplicate", "fraudulent", "requested_by_customer"]

# Why a request was refused, where more was wanted than was left.
TOO_LARGE = "amount_too_large"


@dataclass(frozen=True, slots=True)
class RefundWish:
    """What is to be given back: all that is left, if there is no `amount`.

    `reason` is one of Stripe's, `note` is the merchant's own.
    """

    amount: int | None
    reason: Reason | None = None
    note: str | None = None

    @property
    def request_hash(self) -> str:
        """Tells whether two requests are the same."""
        wish = json.dumps([self.amount, self.reason, self.note])
        return hashlib.sha256(wish.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedRefund:
    """Our row: a refund that somebody asked for.

    `refused` says why Stripe refused it for good, in Stripe's words or `amount_too_large`.
    """

    payment_id: str
    refund_id: str
    amount: int
    currency: str
    reason: Reason | None
    note: str | None
    actor: str
    request_hash: str
    created_at: str
    updated_at: str
    refused: str | None = None
    key_generation: int = 1

    @property
    def idempotency_key(self) -> str:
        """The key under which Stripe is asked for it."""
        if self.key_generation == 1:
            return self.refund_id
        return f"{self.refund_id}-g{self.key_generation}"

    @property
    def metadata(self) -> dict[str, str]:
        """What makes Stripe's refund this one, and what its row can be made again from."""
        ours = {
            "refund_id": self.refund_id,
            "payment_id": self.payment_id,
            "actor": self.actor,
            "request_hash": self.request_hash,
            "created_at": self.created_at,
        }
        return ours | ({"note": self.note} if self.note else {})

    @property
    def refusal(self) -> PaymentsError | None:
        """The error that told of the refusal when it happened."""
        if self.refused is None:
            return None
        if self.refused == TOO_LARGE:
            return AmountTooLargeError()
        return PaymentNotRefundableError(self.refused)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundState:
    """A refund as we tell of it. One that Stripe has not shown yet is pending.

    Refunds from Stripe's dashboard have Stripe's id, and neither note nor actor.
    """

    refund_id: str
    payment_id: str
    amount: int
    currency: str
    status: str
    reason: str | None
    note: str | None
    failure_reason: str | None
    actor: str | None
    created_at: str
    updated_at: str


def refund_id_for(payment_id: str, idempotency_key: str) -> str:
    """The id of the refund that this key asks for: always the same one."""
    digest = hashlib.sha256(f"{payment_id}:{idempotency_key}".encode()).hexdigest()
    return f"ref_{digest[:32]}"


def check_multiple(amount: int, currency: str) -> None:
    """Check that an amount is one that Stripe moves in this currency.

    Raises:
        ValidationError: it is not.
    """
    multiple_of = CURRENCIES[currency].multiple_of
    if amount % multiple_of:
        message = f"must be a multiple of {written(multiple_of, currency)}"
        raise ValidationError([("amount", message)])


def is_refundable(payment: Payment, wish: RefundWish) -> bool:
    """Whether the row shows that there is this much to give back."""
    return wish.amount is not None and 0 < wish.amount <= payment.amount_refundable


def new_refund(
    refund_id: str, payment: Payment, wish: RefundWish, *, actor: str
) -> RequestedRefund:
    """The row of a refund that fits the payment as it is.

    Raises:
        PaymentNotRefundableError: no money was taken.
        AmountTooLargeError: less is left.
        ValidationError: Stripe moves no such amount in this currency.
    """
    if payment.status != "succeeded":
        raise PaymentNotRefundableError
    left = payment.amount_refundable
    if left == 0 or (wish.amount or 0) > left:
        raise AmountTooLargeError(f"At most {written(left, payment.currency)} can be given back.")
    amount = left if wish.amount is None else wish.amount
    check_multiple(amount, payment.currency)
    at = now()
    return RequestedRefund(
        payment_id=payment.payment_id,
        refund_id=refund_id,
        amount=amount,
        currency=payment.currency,
        reason=wish.reason,
        note=wish.note,
        actor=actor,
        request_hash=wish.request_hash,
        created_at=at,
        updated_at=at,
    )


def at_stripe(payment: Payment, refund_id: str) -> Refund | None:
    """Stripe's refund with this id of ours, if it has shown one."""
    named = (each for each in payment.refunds if each.requested_as == refund_id)
    return next(named, None)


def state_of(payment: Payment, requested: RequestedRefund) -> RefundState:
    """What became of a refund that somebody asked for."""
    found = at_stripe(payment, requested.refund_id)
    if found:
        return _as_stripe_has_it(payment, found, requested)
    return RefundState(
        refund_id=requested.refund_id,
        payment_id=requested.payment_id,
        amount=requested.amount,
        currency=requested.currency,
        status="failed" if requested.refused else "pending",
        reason=requested.reason,
        note=requested.note,
        failure_reason=requested.refused,
        actor=requested.actor,
        created_at=requested.created_at,
        updated_at=requested.updated_at,
    )


def refunds_of(payment: Payment, requested: Iterable[RequestedRefund]) -> list[RefundState]:
    """All refunds of a payment, whoever made them, newest first."""
    rows = {each.refund_id: each for each in requested}
    shown = [
        _as_stripe_has_it(payment, each, rows.pop(each.requested_as or "", None))
        for each in payment.refunds
    ]
    shown += [state_of(payment, each) for each in rows.values()]
    return sorted(shown, key=lambda each: (each.created_at, each.refund_id), reverse=True)


def _as_stripe_has_it(
    payment: Payment, refund: Refund, requested: RequestedRefund | None
) -> RefundState:
    created_at = requested.created_at if requested else refund.created_at or payment.created_at
    return RefundState(
        refund_id=requested.refund_id if requested else refund.refund_id,
        payment_id=payment.payment_id,
        amount=refund.amount,
        currency=payment.currency,
        status=refund.status,
        reason=refund.reason,
        note=requested.note if requested else None,
        failure_reason=refund.failure_reason,
        actor=requested.actor if requested else None,
        created_at=created_at,
        updated_at=refund.updated_at or created_at,
    )
