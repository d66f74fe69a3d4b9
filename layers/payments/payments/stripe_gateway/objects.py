"""Stripe's objects, translated into ours. Amounts are in minor units."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

from payments.domain.card import PaymentMethod
from payments.domain.clock import timestamp
from payments.domain.consent import Consent
from payments.domain.errors import PaymentMethodNotFoundError, StripeUnavailableError
from payments.domain.payment_intent import (
    Dispute,
    LastPaymentError,
    PaymentIntent,
    Refund,
    refunded,
)
from payments.domain.radar import FraudWarning, Review
from payments.domain.setup_intent import SetupIntent
from payments.domain.stripe_event import StripeEvent

type StripeObject = Mapping[str, Any]

_NAME = re.compile(r"\w[\w.-]{0,254}", re.ASCII)


_ADDRESS_MEMBERS = ("line1", "line2", "city", "state", "postal_code", "country")


def payment_intent_from_stripe(intent: StripeObject) -> PaymentIntent:
    """A PaymentIntent without its disputes; with refunds only if `latest_charge` is expanded."""
    error = intent.get("last_payment_error")
    metadata = intent.get("metadata") or {}
    charge = intent.get("latest_charge")
    charge = charge if isinstance(charge, Mapping) else {}
    listed = charge.get("refunds") if intent["status"] == "succeeded" else None
    refunds = refunds_from_stripe(given_back(charge, listed["data"] if listed else ()))
    return PaymentIntent(
        payment_intent_id=intent["id"],
        status=intent["status"],
        client_secret=intent["client_secret"],
        payment_method_id=id_of(intent.get("payment_method")),
        next_action=intent.get("next_action"),
        last_payment_error=(
            LastPaymentError(
                code=error.get("code") or error["type"],
                decline_code=error.get("decline_code"),
                message=error.get("message") or "The payment failed.",
                charge_id=id_of(error.get("charge")),
                network_decline_code=error.get("network_decline_code"),
                advice_code=error.get("advice_code"),
            )
            if error
            else None
        ),
        payment_id=metadata.get("payment_id"),
        stack=metadata.get("stack"),
        stripe_customer_id=id_of(intent.get("customer")),
        amount=intent.get("amount"),
        currency=intent.get("currency"),
        livemode=intent.get("livemode"),
        amount_received=intent.get("amount_received") or 0,
        amount_refunded=refunded(refunds),
        refunds=refunds,
        disputes=None,
        amount_capturable=intent.get("amount_capturable") or 0,
        capture_before=_capture_before(charge),
        cancellation_reason=intent.get("cancellation_reason"),
        review=_unnamed_review(charge),
    )


def _unnamed_review(charge: StripeObject) -> Review | None:
    """What the charge itself says: that a rule of Radar's wants it looked at."""
    is_reviewed = (charge.get("outcome") or {}).get("type") == "manual_review"
    return Review(None, open=True) if is_reviewed else None


def review_from_stripe(review: StripeObject) -> Review:
    """A review. https://docs.stripe.com/api/radar/reviews/object"""
    return Review(review["id"], open=review["open"], closed_reason=review.get("closed_reason"))


def fraud_warnings_from_stripe(found: Sequence[StripeObject]) -> tuple[FraudWarning, ...]:
    """Early fraud warnings as Stripe lists them, newest first; ours are oldest first."""
    return tuple(
        FraudWarning(
            warning_id=each["id"],
            fraud_type=each["fraud_type"],
            actionable=each["actionable"],
            created_at=_moment(each.get("created")),
        )
        for each in reversed(found)
    )


def _capture_before(charge: StripeObject) -> str | None:
    """Until when the charge's money is held. https://docs.stripe.com/api/charges/object"""
    card = (charge.get("payment_method_details") or {}).get("card") or {}
    return _moment(card.get("capture_before"))


def given_back(charge: StripeObject, found: Sequence[StripeObject]) -> Sequence[StripeObject]:
    """A charge's refunds, newest first, without what was held and never taken.

    Where less is captured than was held, Stripe counts the rest as refunded. That refund is the
    oldest, and moves no balance.
    """
    let_go = charge.get("amount", 0) - charge.get("amount_captured", 0)
    oldest = found[-1] if found else {}
    counts_as_refunded = (
        oldest.get("amount") == let_go
        and oldest.get("status") == "succeeded"
        and not oldest.get("balance_transaction")
    )
    return found[:-1] if let_go and counts_as_refunded else found


def refunds_from_stripe(found: Sequence[StripeObject]) -> tuple[Refund, ...]:
    """Refunds as Stripe lists them, newest first; ours are oldest first."""
    return tuple(
        Refund(
            refund_id=each["id"],
            amount=each["amount"],
            status=each.get("status") or "pending",
            failure_reason=each.get("failure_reason"),
            requested_as=(each.get("metadata") or {}).get("refund_id"),
            reason=each.get("reason"),
            created_at=_moment(each.get("created")),
        )
        for each in reversed(found)
    )


# Of several disputes, an open one weighs more than a decided one, and losing more than winning.
_WEIGHTS = (
    "needs_response", "under_review", "warning_needs_response", "warning_under_review",
    "lost", "won", "warning_closed", "prevented",
)  # fmt: skip


def disputes_from_stripe(found: Sequence[StripeObject]) -> tuple[Dispute, ...]:
    """Disputes as Stripe lists them, newest first; ours are oldest first."""
    return tuple(
        Dispute(
            dispute_id=each["id"],
            status=each["status"],
            amount=each.get("amount"),
            currency=each.get("currency"),
            reason=each.get("reason"),
            evidence_due_by=_moment((each.get("evidence_details") or {}).get("due_by")),
            created_at=_moment(each.get("created")),
        )
        for each in reversed(found)
    )


def _moment(seconds: int | None) -> str | None:
    return None if seconds is None else timestamp(datetime.fromtimestamp(seconds, UTC))


def weightiest_status(disputes: Sequence[Dispute]) -> str | None:
    """The status that says most about a payment; one that we do not know says most of all."""
    statuses = {dispute.status for dispute in disputes}
    unknown = sorted(statuses.difference(_WEIGHTS))
    return next(iter(unknown), None) or next((s for s in _WEIGHTS if s in statuses), None)


def payment_method_from_stripe(payment_method: StripeObject) -> PaymentMethod:
    """A card. Whether it is the default is only known if `customer` is expanded.

    Raises:
        PaymentMethodNotFoundError: it is not a card.
    """
    card = payment_method.get("card")
    if card is None:
        raise PaymentMethodNotFoundError
    metadata = payment_method.get("metadata") or {}
    details = payment_method.get("billing_details") or {}
    usage = metadata.get("consent_usage")
    return PaymentMethod(
        payment_method_id=payment_method["id"],
        type=payment_method["type"],
        brand=card["brand"],
        last4=card["last4"],
        exp_month=card["exp_month"],
        exp_year=card["exp_year"],
        cardholder_name=details.get("name"),
        created_at=timestamp(datetime.fromtimestamp(payment_method["created"], UTC)),
        fingerprint=card.get("fingerprint"),
        billing_details={
            "name": details.get("name"),
            "email": details.get("email"),
            "phone": details.get("phone"),
            "address": {
                name: (details.get("address") or {}).get(name) for name in _ADDRESS_MEMBERS
            },
        },
        consent=_consent(usage, metadata) if usage else None,
        default=_default_of(payment_method.get("customer")) == payment_method["id"],
        replaced="replaced_by" in metadata,
    )


def _consent(usage: str, metadata: StripeObject) -> Consent:
    """What a card's metadata, or a SetupIntent's, says of the person's consent."""
    text, at = (metadata.get(name) or "" for name in ("consent_text", "consented_at"))
    return Consent(usage=usage, text=text, at=at)


def id_of(named: object) -> str | None:
    """The id of an object that may be expanded."""
    return named["id"] if isinstance(named, Mapping) else cast("str | None", named)


def _default_of(customer: object) -> str | None:
    """The default card of an expanded customer."""
    settings = customer.get("invoice_settings") if isinstance(customer, Mapping) else None
    return id_of(settings.get("default_payment_method")) if settings else None


def setup_intent_from_stripe(intent: StripeObject) -> SetupIntent:
    """A SetupIntent; with its card only if `payment_method` is expanded."""
    metadata = intent.get("metadata") or {}
    named = intent.get("payment_method")
    card = named if isinstance(named, Mapping) else None
    return SetupIntent(
        setup_intent_id=intent["id"],
        status=intent["status"],
        usage=intent["usage"],
        client_secret=intent["client_secret"],
        next_action=intent.get("next_action"),
        stripe_customer_id=id_of(intent.get("customer")),
        consent=_consent(intent["usage"], metadata) if metadata.get("consented_at") else None,
        user_id=metadata.get("user_id"),
        stack=metadata.get("stack"),
        attempt=metadata.get("attempt"),
        card=payment_method_from_stripe(card) if card else None,
        card_customer_id=id_of(card.get("customer")) if card else None,
    )


def stripe_event_from_stripe(event: object) -> StripeEvent:
    """An event, in the form that webhooks, EventBridge and the Events API share.

    It never fails, whatever Stripe sent: what cannot be read is left out.
    """
    envelope = _members_of(event)
    about = _members_of(_members_of(envelope.get("data")).get("object"))
    metadata = _members_of(about.get("metadata"))
    is_intent = about.get("object") == "payment_intent"
    livemode = envelope.get("livemode")
    has_object = bool(_name(about.get("object")) and _name(about.get("id")))
    return StripeEvent(
        event_id=_name(envelope.get("id")) or "",
        type=_name(envelope.get("type")) or "",
        created=_number(envelope.get("created")) or 0,
        livemode=livemode is True,
        connected=bool(envelope.get("account")),
        understood=has_object and isinstance(livemode, bool),
        object_id=_name(about.get("id")),
        payment_intent_id=_name(about.get("id" if is_intent else "payment_intent")),
        user_id=_name(metadata.get("user_id")),
        stack=_name(metadata.get("stack")),
        payment_intent=_intent_as_it_was(about) if is_intent else None,
        amount_refunded=_number(about.get("amount_refunded")),
        caused_by=_name(_members_of(envelope.get("request")).get("id")),
    )


def _intent_as_it_was(about: StripeObject) -> PaymentIntent | None:
    """The intent in an event; None if it is odd, and then Stripe has to be asked."""
    try:
        intent = payment_intent_from_stripe(about)
        hash(replace(intent, next_action=None))  # only flat members can be compared with a row's
    except (AttributeError, KeyError, TypeError, StripeUnavailableError):
        return None
    return intent


def _members_of(value: object) -> StripeObject:
    return dict(value) if isinstance(value, Mapping) else {}


def _name(value: object) -> str | None:
    """An id or the name of a type, ours or Stripe's; None for anything else."""
    return value if isinstance(value, str) and _NAME.fullmatch(value) else None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
