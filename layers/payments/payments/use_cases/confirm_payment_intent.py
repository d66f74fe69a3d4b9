"""Confirm a payment on the server, with a freshly collected CVC, as often as it takes."""

import hashlib
from typing import TYPE_CHECKING

from payments.domain.customer import CustomerRow, check_signed_in
from payments.domain.errors import (
    AuthenticationFailedError,
    CardDeclinedError,
    CustomerMissingError,
    CvcRequiredError,
    FailureRememberedError,
    IdempotencyKeyReusedError,
    OrderNotPayableError,
    PaymentIntentMissingError,
    PaymentMethodNotFoundError,
    PaymentNotConfirmableError,
    PaymentNotFoundError,
    PaymentRefusedError,
    RefusedError,
    ValidationError,
    is_retryable,
)
from payments.domain.payment import OUR_ENDS, Payment
from payments.domain.payment_intent import CANCELABLE_STATUSES, PaymentIntent
from payments.use_cases.check_card import check_card, customer_with_cards
from payments.use_cases.ensure_payment_intent import ensure_payment_intent

if TYPE_CHECKING:
    from payments.domain.customer import User
    from payments.recorder import Recorder
    from payments.repositories.payment_inputs import PaymentInputsRepository
    from payments.stripe_gateway.gateway import StripeGateway

_AUTHENTICATION_FAILURES = frozenset(
    {"payment_intent_authentication_failure", "authentication_failure"}
)


def confirm_payment_intent(
    payment_id: str,
    *,
    user: "User",
    cvc_token: str | None,
    payment_method_id: str | None,
    radar_session: str | None = None,
    emails_receipts: bool = False,
    inputs: "PaymentInputsRepository",
    recorder: "Recorder",
) -> tuple[Payment, PaymentIntent]:
    """Charge the card, or continue after a completed challenge.

    `radar_session` is what Stripe.js has seen of the person's browser and network.
    `emails_receipts`: whether Stripe is to email a receipt.

    Safe to call at any time: if the outcome is already known, this returns it and does nothing.

    Raises:
        PaymentNotFoundError: the person has no such payment.
        SignedOutError: they logged out everywhere after they had logged in.
        AccountBeingDeletedError, AccountErasedError: they asked for the deletion.
        CvcRequiredError: this attempt needs a (fresh) CVC token.
        CardDeclinedError, AuthenticationFailedError: refused; the person may try again.
        OrderNotPayableError: the order that it pays was cancelled, or has expired.
        PaymentNotConfirmableError: the payment is over, or its intent was edited.
        PaymentMethodNotFoundError: the card is not the person's (any more).
        ValidationError, PaymentRefusedError: Stripe refused it for good.
        TooManyAttemptsError: too many attempts were declined.
    """
    stripe = recorder.stripe
    payment, customer = inputs.load_owned(
        payment_id, user_id=user.user_id, livemode=stripe.livemode
    )
    check_signed_in(user, customer)
    if payment is None:
        raise PaymentNotFoundError
    payment_intent_id = payment.payment_intent_id
    if payment_intent_id is None or payment.status in OUR_ENDS:
        # Its creation was interrupted, or Stripe may show by now that it goes on.
        intent = ensure_payment_intent(payment, recorder=recorder)
        payment, intent = recorder.payment(payment, intent)
        payment_intent_id = intent.payment_intent_id
    if payment.status in OUR_ENDS:
        raise PaymentNotConfirmableError
    if payment.order_is_over and not payment.is_final:
        intent = stripe.retrieve_payment_intent(payment_intent_id)
        payment, intent = recorder.payment(payment, intent)
        if intent.status in CANCELABLE_STATUSES:
            raise OrderNotPayableError(message="The order was cancelled or has expired.")
        return payment, intent  # it was charged before that
    before = payment.version
    try:
        intent = _charge_or_continue(
            payment,
            customer,
            payment_intent_id=payment_intent_id,
            cvc_token=cvc_token,
            payment_method_id=payment_method_id,
            radar_session=radar_session,
            receipt_email=_receipt_email(user, payment) if emails_receipts else None,
            recorder=recorder,
        )
    except PaymentIntentMissingError as error:
        recorder.lost(payment)
        raise PaymentNotConfirmableError from error
    payment, intent = recorder.payment(payment, intent)
    if intent.status == "canceled" or payment.status in OUR_ENDS:
        raise PaymentNotConfirmableError
    if intent.status == "requires_payment_method":
        if payment.version != before:
            recorder.guard.note_decline(
                payment.user_id, payment.payment_id, which=str(payment.version)
            )
        raise _refusal(payment, intent)
    return payment, intent


def _receipt_email(user: "User", payment: Payment) -> str | None:
    """Where a receipt goes: the merchant decides it for their own orders."""
    return user.email if user.email_verified and payment.order_id is None else None


def _charge_or_continue(
    payment: Payment,
    customer: CustomerRow | None,
    *,
    payment_intent_id: str,
    cvc_token: str | None,
    payment_method_id: str | None,
    radar_session: str | None,
    receipt_email: str | None,
    recorder: "Recorder",
) -> PaymentIntent:
    """Do what the payment's state and the request allow: charge, continue, or only look."""
    stripe = recorder.stripe
    if payment.is_final:
        return stripe.retrieve_payment_intent(payment_intent_id)
    if cvc_token is None:
        if payment_method_id not in {None, payment.payment_method_id}:
            raise CvcRequiredError  # a CVC belongs to one card
        if payment.cvc_recollected:
            return _continue_after_challenge(payment, payment_intent_id, stripe=stripe)
        if payment.last_payment_error is None:
            raise CvcRequiredError
        return _refused_or_decided_intent(payment_intent_id, stripe=stripe)
    if payment_method_id and payment_method_id != payment.payment_method_id:
        check_card(payment_method_id, customer_with_cards(customer, stripe=stripe), stripe=stripe)
    attempt = hashlib.sha256(f"{cvc_token} {payment_method_id}".encode()).hexdigest()[:12]
    recorder.guard.admit_charge(payment.user_id, payment.payment_id, attempt=attempt)
    try:
        intent = _charge(
            payment,
            payment_intent_id,
            stripe=stripe,
            payment_method_id=payment_method_id or payment.payment_method_id,
            cvc_token=cvc_token,
            radar_session=radar_session,
            receipt_email=receipt_email,
        )
    except CustomerMissingError as error:
        raise PaymentMethodNotFoundError from error  # the cards are gone with the customer
    except (FailureRememberedError, IdempotencyKeyReusedError):
        # Another CVC gives another idempotency key; until then, what Stripe did is what counts.
        return _refused_or_decided_intent(payment_intent_id, stripe=stripe)
    if intent.status == "requires_confirmation" and not payment.differences_from(intent):
        # A repeated request whose challenge was completed since: continue from there.
        return _continue_after_challenge(payment, payment_intent_id, stripe=stripe)
    return intent


def _charge(
    payment: Payment,
    payment_intent_id: str,
    *,
    stripe: "StripeGateway",
    payment_method_id: str | None = None,
    cvc_token: str | None = None,
    radar_session: str | None = None,
    receipt_email: str | None = None,
) -> PaymentIntent:
    """Charge what the person agreed to.

    Stripe refuses if somebody has edited the amount; then the intent shows that, uncharged.
    """
    try:
        return stripe.confirm_payment_intent(
            payment_intent_id,
            payment=payment,
            payment_method_id=payment_method_id,
            cvc_token=cvc_token,
            radar_session=radar_session,
            receipt_email=receipt_email,
        )
    except (PaymentRefusedError, ValidationError):
        intent = stripe.retrieve_payment_intent(payment_intent_id)
        if not payment.differences_from(intent):
            raise
        return intent


def _continue_after_challenge(
    payment: Payment, payment_intent_id: str, *, stripe: "StripeGateway"
) -> PaymentIntent:
    """Charge the card after its challenge; if that is still open, the intent shows it."""
    try:
        return _charge(payment, payment_intent_id, stripe=stripe)
    except (CvcRequiredError, FailureRememberedError):
        return _refused_or_decided_intent(payment_intent_id, stripe=stripe)


def _refused_or_decided_intent(payment_intent_id: str, *, stripe: "StripeGateway") -> PaymentIntent:
    """The current intent, unless it needs another attempt with a new CVC."""
    intent = stripe.retrieve_payment_intent(payment_intent_id)
    if intent.status == "requires_confirmation":
        raise CvcRequiredError  # there was another attempt that our row does not show
    return intent


def _refusal(payment: Payment, intent: PaymentIntent) -> RefusedError:
    error = intent.last_payment_error
    if error is None:
        raise CvcRequiredError
    if error.code in _AUTHENTICATION_FAILURES:
        return AuthenticationFailedError(payment=payment, intent=intent)
    told = error.told_to_payer()
    return CardDeclinedError(
        told.message,
        decline_code=told.decline_code or told.code,
        retryable=is_retryable(error.decline_code or error.code, error.advice_code),
        payment=payment,
        intent=intent,
    )
