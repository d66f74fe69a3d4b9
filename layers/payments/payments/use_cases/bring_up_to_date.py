"""Bring one open payment up to date, wherever it stopped."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from payments.domain.clock import timestamp
from payments.domain.errors import (
    AmountTooLargeError,
    CardDeclinedError,
    CustomerMissingError,
    CvcRequiredError,
    IdempotencyKeyReusedError,
    PaymentIntentMissingError,
    PaymentMethodNotFoundError,
    PaymentNotConfirmableError,
    PaymentNotFoundError,
    PaymentNotRefundableError,
    PaymentRefusedError,
    ValidationError,
)
from payments.domain.payment import (
    EXPIRED,
    LOST_AT_STRIPE,
    OUR_ENDS,
    REFUSED,
    Instruction,
    Payment,
)
from payments.domain.payment_intent import (
    CANCELABLE_STATUSES,
    HELD,
    LastPaymentError,
    PaymentIntent,
)
from payments.use_cases.carry_out import carry_out
from payments.use_cases.ensure_payment_intent import ensure_payment_intent
from payments.use_cases.release_replaced_card import release_replaced_card
from payments.use_cases.send_refund import refuse_refund, send_refund

if TYPE_CHECKING:
    from payments.domain.account import Accounts
    from payments.recorder import Recorder
    from payments.repositories.refunds import RefundsRepository


logger = Logger(child=True)

# Whatever Stripe refuses for good: the same request never succeeds.
_REFUSALS = (
    AmountTooLargeError,
    CardDeclinedError,
    CustomerMissingError,
    CvcRequiredError,
    IdempotencyKeyReusedError,
    PaymentIntentMissingError,
    PaymentMethodNotFoundError,
    PaymentNotRefundableError,
    PaymentRefusedError,
    ValidationError,
)


class Result(StrEnum):
    """What was done with a payment."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    FINISHED = "finished"  # its creation, its capture or a refund had been interrupted
    CANCELED = "canceled"  # it was abandoned
    REFUSED = "refused"  # Stripe refuses for good to create its intent, or to cancel it
    EXPIRED = "expired"  # its intent could not be created for too long
    LOST = "lost"  # our key no longer sees its intent
    OTHER_ACCOUNT = "other_account"  # our key belongs to another account
    ACCOUNT_UNKNOWN = "account_unknown"  # not found, but our key may belong to another account
    SKIPPED = "skipped"  # it belongs to another mode
    NOT_FOUND = "not_found"


def bring_up_to_date(
    payment_id: str,
    *,
    recorder: "Recorder",
    refunds: "RefundsRepository",
    accounts: "Accounts | None",
    abandoned_before: datetime | None = None,
) -> Result:
    """Record a payment's state; finish its creation or, if it was abandoned, cancel it.

    A capture, a cancellation and refunds that were written down and cut off are finished as well.
    A refund that could not be sent until it was as old as an abandoned payment is refused.

    A card that was replaced and stayed for this payment is detached once it is over.

    A payment is abandoned if it can still be cancelled and nobody has written to it since
    `abandoned_before`, or if the order that it pays is over. One without an intent expires, if it
    was started before then.

    `accounts` tells whose a payment is, where its row does not. They are None if our key may not
    name its account.

    Raises:
        PaymentsError: it did not work this time.
    """
    try:
        payment = recorder.payments.get(payment_id)
    except PaymentNotFoundError:
        return Result.NOT_FOUND
    if payment.livemode != recorder.stripe.livemode:
        return Result.SKIPPED
    owner = payment.account_id
    if accounts:
        owner = owner or accounts.owner_of(payment.created_at)
        if owner is None:
            return _adopt(payment, recorder=recorder)
        if owner != accounts.present:
            return Result.OTHER_ACCOUNT
    before = timestamp(abandoned_before) if abandoned_before else ""
    if payment.payment_intent_id:
        abandoned = payment.updated_at < before or payment.order_is_over
        result = _update(payment, owner=owner, abandoned=abandoned, recorder=recorder)
    else:
        result = _start(payment, too_old=payment.created_at < before, recorder=recorder)
    if payment.refund_requests and payment.payment_intent_id:
        result = _finish_refunds(payment_id, before=before, refunds=refunds, recorder=recorder)
    if payment.replaced_card:
        now = recorder.payments.get(payment_id)
        release_replaced_card(now, stripe=recorder.stripe, payments=recorder.payments)
    return result


def _adopt(payment: Payment, *, recorder: "Recorder") -> Result:
    """Record the state of a payment that may be in another account, if it is in this one."""
    intent: PaymentIntent | None
    if payment.payment_intent_id is None:
        intent = recorder.stripe.find_payment_intent(payment)
    else:
        try:
            intent = recorder.stripe.retrieve_payment_intent(
                payment.payment_intent_id, disputed=bool(payment.disputes)
            )
        except PaymentIntentMissingError:
            intent = None
    if intent is None:
        return Result.ACCOUNT_UNKNOWN
    _record(payment, intent, recorder=recorder)
    return Result.CHANGED


def _update(
    payment: Payment, *, owner: str | None, abandoned: bool, recorder: "Recorder"
) -> Result:
    try:
        intent = ensure_payment_intent(replace(payment, account_id=owner), recorder=recorder)
    except PaymentNotConfirmableError:
        return Result.LOST
    except _REFUSALS as refusal:
        if not abandoned:
            raise  # it may have been charged, so we look again for a while
        return _end(payment, LOST_AT_STRIPE, refusal, recorder=recorder)
    waits = abandoned and intent.status in CANCELABLE_STATUSES
    if waits or (payment.order_closed and intent.status == HELD):
        try:
            intent = recorder.stripe.cancel_payment_intent(intent.payment_intent_id)
        except _REFUSALS as refusal:
            return _end(payment, REFUSED, refusal, recorder=recorder)
    recorded = _record(payment, intent, recorder=recorder)
    if recorded.instruction:
        return _carry_out(recorded, recorded.instruction, recorder=recorder)
    if recorded.version == payment.version:
        return Result.UNCHANGED
    return Result.CANCELED if recorded.status == "canceled" else Result.CHANGED


def _carry_out(payment: Payment, instruction: Instruction, *, recorder: "Recorder") -> Result:
    """Finish a capture or a cancellation that was cut off."""
    try:
        done = carry_out(payment, instruction, recorder=recorder)
    except _REFUSALS:
        logger.warning("refused", extra={"action": instruction.action})
        return Result.CHANGED
    return Result.CANCELED if done.status == "canceled" else Result.FINISHED


def _start(payment: Payment, *, too_old: bool, recorder: "Recorder") -> Result:
    """Finish a creation; once it is over, record only what Stripe has after all."""
    intent: PaymentIntent | None
    try:
        if too_old or payment.status in OUR_ENDS:
            intent = recorder.stripe.find_payment_intent(payment)
        else:
            intent = ensure_payment_intent(payment, recorder=recorder)
    except _REFUSALS as refusal:
        return _end(payment, REFUSED, refusal, recorder=recorder)
    if intent is None:
        return _end(payment, EXPIRED, None, recorder=recorder)
    _record(payment, intent, recorder=recorder)
    return Result.FINISHED


def _finish_refunds(
    payment_id: str, *, before: str, refunds: "RefundsRepository", recorder: "Recorder"
) -> Result:
    """Send the refunds that are written down and that Stripe has not shown."""
    for request in recorder.payments.get(payment_id).refund_requests:
        payment, refund = refunds.load(payment_id, request.refund_id)
        if refund is None:  # nobody deletes one
            continue
        if refund.created_at < before:
            refuse_refund(refund, EXPIRED, refunds=refunds, recorder=recorder)
            continue
        try:
            send_refund(refund, payment, refunds=refunds, recorder=recorder)
        except _REFUSALS:
            continue  # the row keeps the reason
    return Result.FINISHED


_ENDS = {
    EXPIRED: (Result.EXPIRED, "The payment provider could not be reached."),
    REFUSED: (Result.REFUSED, "The payment provider refused this payment."),
    LOST_AT_STRIPE: (Result.LOST, "Stripe no longer shows this payment."),
}


def _end(
    payment: Payment, status: str, refusal: Exception | None, *, recorder: "Recorder"
) -> Result:
    """End a payment for which asking Stripe again is of no use, unless it has ended already."""
    if payment.status in OUR_ENDS:
        return Result.UNCHANGED
    result, message = _ENDS[status]
    code = isinstance(refusal, PaymentRefusedError) and (refusal.code or refusal.param)
    recorder.end(payment, status, LastPaymentError(code or status, None, message))
    return result


def _record(payment: Payment, intent: PaymentIntent, *, recorder: "Recorder") -> Payment:
    """Write the intent's state, and whose it is."""
    account_id = payment.account_id or recorder.stripe.account_id()
    return recorder.payment(payment, replace(intent, account_id=account_id))[0]
