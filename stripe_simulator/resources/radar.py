"""Radar: reviews of payments by the merchant, and warnings of fraud by the cardholder's bank.

See https://docs.stripe.com/radar/reviews and https://docs.stripe.com/disputes/measuring
"""

from stripe_simulator.errors import StripeError
from stripe_simulator.lists import listed
from stripe_simulator.state import Account, Call, StripeObject, new_id, now

CLOSED_REASONS = (
    "acknowledged", "approved", "canceled", "disputed", "payment_never_settled", "redacted",
    "refunded", "refunded_as_fraud",
)  # fmt: skip
FRAUD_TYPES = (
    "card_never_received", "fraudulent_card_application", "made_with_counterfeit_card",
    "made_with_lost_card", "made_with_stolen_card", "misc", "unauthorized_use_of_card",
)  # fmt: skip


def retrieve_review(call: Call) -> StripeObject:
    return call.account.reviews.find(call.object_id)


def list_reviews(call: Call) -> StripeObject:
    """Those that are open: Stripe lists no others."""
    return listed(call, [each for each in call.account.reviews.values() if each["open"]])


def approve_review(call: Call) -> StripeObject:
    review = call.account.reviews.find(call.object_id)
    close_review(call, review, "approved")
    return review


def retrieve_warning(call: Call) -> StripeObject:
    return call.account.fraud_warnings.find(call.object_id)


def list_warnings(call: Call) -> StripeObject:
    wanted = {
        name: call.params[name] for name in ("charge", "payment_intent") if name in call.params
    }
    return listed(
        call,
        [
            warning
            for warning in call.account.fraud_warnings.values()
            if all(warning[name] == value for name, value in wanted.items())
        ],
    )


def open_review(call: Call, charge: StripeObject, reason: str = "manual") -> StripeObject:
    """Somebody is to look at a payment: a rule says so, or the merchant.

    Raises:
        StripeError: 409, the charge has failed, or a review of it is open.
    """
    if not charge["paid"] or _open_review_of(call.account, charge):
        raise StripeError("This charge can't be put into review.", status=409)
    review = call.account.reviews.add(
        {
            "id": new_id("prv"),
            "object": "review",
            "billing_zip": (charge["billing_details"]["address"] or {}).get("postal_code"),
            "charge": charge["id"],
            "closed_reason": None,
            "created": now(),
            "ip_address": None,
            "ip_address_location": None,
            "livemode": False,
            "open": True,
            "opened_reason": reason,
            "payment_intent": charge["payment_intent"],
            "reason": reason,
            "session": None,
        }
    )
    charge["review"] = review["id"]
    intent = call.account.payment_intents.get(charge["payment_intent"])
    if intent:
        intent["review"] = review["id"]
    call.emit("review.opened", review)
    return review


def close_review(call: Call, review: StripeObject, reason: str) -> None:
    """Somebody has decided, or what happened to the money has.

    Raises:
        StripeError: 409, it is closed already.
    """
    if not review["open"]:
        raise StripeError("This review is closed already.", status=409)
    review |= {"open": False, "reason": reason, "closed_reason": reason}
    call.emit("review.closed", review)


def close_review_of(call: Call, charge: StripeObject, reason: str) -> None:
    """What happened to a charge's money has decided its review, if one is open."""
    if review := _open_review_of(call.account, charge):
        close_review(call, review, reason)


def warn(call: Call, charge: StripeObject, fraud_type: str) -> StripeObject:
    """The cardholder's bank believes that a charge is fraud."""
    warning = call.account.fraud_warnings.add(
        {
            "id": new_id("issfr"),
            "object": "radar.early_fraud_warning",
            "actionable": not charge["disputed"] and not charge["refunded"],
            "charge": charge["id"],
            "created": now(),
            "fraud_type": fraud_type,
            "livemode": False,
            "payment_intent": charge["payment_intent"],
        }
    )
    call.emit("radar.early_fraud_warning.created", warning)
    return warning


def need_no_answer(call: Call, charge: StripeObject) -> None:
    """A dispute or a full refund has come: there is nothing more to do about its warnings."""
    for warning in call.account.fraud_warnings.values():
        if warning["charge"] == charge["id"] and warning["actionable"]:
            warning["actionable"] = False
            call.emit("radar.early_fraud_warning.updated", warning, {"actionable": True})


def _open_review_of(account: Account, charge: StripeObject) -> StripeObject | None:
    reviews = (each for each in account.reviews.values() if each["charge"] == charge["id"])
    return next((each for each in reviews if each["open"]), None)
