"""Refunds: made by the merchant, and settled by the cardholder's bank, which may take days.

    pending → succeeded → failed        and, for other payment methods than cards, requires_action
            ↘ failed | canceled

A charge's amount_refunded counts refunds that have succeeded. One that is under way holds its part
back, so that no two refunds can give more back than was charged.

amount is in minor units: 1099 is €10.99, or ¥1099.
See https://docs.stripe.com/api/refunds
"""

from stripe_simulator.currencies import check_divisible
from stripe_simulator.errors import (
    StripeError,
    invalid_parameter,
    missing_parameter,
    resource_missing,
)
from stripe_simulator.lists import listed
from stripe_simulator.metadata import merged
from stripe_simulator.resources import charges, disputes, radar
from stripe_simulator.state import Call, StripeObject, copied, new_id, now

CREATE_PARAMS = frozenset({"amount", "charge", "metadata", "payment_intent", "reason"})
FAILURE_REASONS = (
    "charge_for_pending_refund_disputed",
    "declined",
    "expired_or_canceled_card",
    "insufficient_funds",
    "lost_or_stolen_card",
    "merchant_request",
    "unknown",
)
_UNDER_WAY = frozenset({"pending", "requires_action"})
_LATER = {
    "pending": {"requires_action", "succeeded", "failed", "canceled"},
    "requires_action": {"pending", "succeeded", "failed", "canceled"},
    "succeeded": {"failed", "canceled"},
}
_ACTION_SECONDS = 45 * 24 * 3600


def create(call: Call) -> StripeObject:
    charge = _charge_of(call)
    remaining = charge["amount"] - charge["amount_refunded"] - _held_back(call, charge)
    if remaining == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise StripeError(message, code="charge_already_refunded")
    if disputes.forbids_refund(call.account, charge):
        message = f"Charge {charge['id']} is disputed, so it can't be refunded."
        raise StripeError(message, code="charge_disputed")
    amount = call.params.get("amount", remaining)
    if amount < 1:
        message = "This value must be greater than or equal to 1."
        raise invalid_parameter("amount", message, "parameter_invalid_integer")
    if amount > remaining:
        message = f"The refund of {amount} exceeds the {remaining} that can still be refunded."
        raise StripeError(message, param="amount")
    check_divisible(amount, charge["currency"])
    refund = charges.refund_object(charge, amount, reason=call.params.get("reason"))
    refund |= {
        "balance_transaction": new_id("txn"),
        "metadata": merged({}, call.params.get("metadata")),
    }
    status = call.account.cards[charge["payment_method"]].scenario.refund_status
    if status == "pending":
        refund |= {"status": status, "pending_reason": "processing"}
    call.account.refunds.add(refund)
    call.emit("refund.created", refund)
    if status == "succeeded":
        _give_back(call, charge, refund)
    return refund


def retrieve(call: Call) -> StripeObject:
    return call.account.refunds.find(call.object_id)


def update(call: Call) -> StripeObject:
    refund = call.account.refunds.find(call.object_id)
    before = copied(refund)
    refund["metadata"] = merged(refund["metadata"], call.params.get("metadata"))
    if refund != before:
        _emit_updated(call, refund, before)
    return refund


def cancel(call: Call) -> StripeObject:
    """Cancel a refund that waits for the cardholder. Those to cards never do, so they can't be."""
    refund = call.account.refunds.find(call.object_id)
    if refund["status"] != "requires_action":
        raise StripeError(
            f"A refund can be canceled while it requires action; this one's status is"
            f" {refund['status']}."
        )
    move(call, refund, "canceled")
    return refund


def move(call: Call, refund: StripeObject, status: str, failure_reason: str | None = None) -> None:
    """The cardholder's bank has decided about a refund, or the merchant has thought better of it.

    Raises:
        StripeError: 409, from its present status a refund never gets there.
    """
    before = copied(refund)
    if status not in _LATER.get(before["status"], set()):
        message = f"A refund never goes from {before['status']} to {status}."
        raise StripeError(message, status=409, param="status")
    charge = call.account.charges[refund["charge"]]
    refund["status"] = status
    for name in ("pending_reason", "next_action"):
        refund.pop(name, None)
    if status == "pending":
        refund["pending_reason"] = "processing"
    elif status == "requires_action":
        refund["next_action"] = _next_action()
    elif status in {"failed", "canceled"}:
        usual = "merchant_request" if status == "canceled" else "unknown"
        refund |= {
            "failure_reason": failure_reason or usual,
            "failure_balance_transaction": new_id("txn"),
        }
    if before["status"] == "succeeded":
        charges.take_back(charge, refund["amount"])
    elif status == "succeeded":
        _give_back(call, charge, refund)
    _emit_updated(call, refund, before)
    if status == "failed":
        call.emit("refund.failed", refund)


def _give_back(call: Call, charge: StripeObject, refund: StripeObject) -> None:
    charges.give_back(call, charge, refund["amount"])
    if charge["refunded"]:
        as_fraud = refund["reason"] == "fraudulent"
        radar.close_review_of(call, charge, "refunded_as_fraud" if as_fraud else "refunded")
        radar.need_no_answer(call, charge)


def name_reference(call: Call, refund: StripeObject, reference: str) -> None:
    """The bank has given a refund the number by which it can trace it."""
    before = copied(refund)
    refund["destination_details"]["card"] |= {
        "reference": reference,
        "reference_status": "available",
    }
    _emit_updated(call, refund, before)


def list_all(call: Call) -> StripeObject:
    wanted = {
        name: call.params[name] for name in ("charge", "payment_intent") if name in call.params
    }
    return listed(
        call,
        [
            refund
            for refund in call.account.refunds.values()
            if all(refund[name] == value for name, value in wanted.items())
        ],
    )


def _emit_updated(call: Call, refund: StripeObject, before: StripeObject) -> None:
    previous = {name: before.get(name) for name in refund if before.get(name) != refund[name]}
    call.emit("refund.updated", refund, previous)
    call.emit("charge.refund.updated", refund, previous)


def _held_back(call: Call, charge: StripeObject) -> int:
    return sum(
        refund["amount"]
        for refund in call.account.refunds.values()
        if refund["charge"] == charge["id"] and refund["status"] in _UNDER_WAY
    )


def _next_action() -> StripeObject:
    email = {"email_sent_at": now(), "email_sent_to": "cardholder@example.com"}
    details = {"email_sent": email, "expires_at": now() + _ACTION_SECONDS}
    return {"type": "display_details", "display_details": details}


def _charge_of(call: Call) -> StripeObject:
    if "charge" in call.params:
        charge_id = call.params["charge"]
        if charge_id not in call.account.charges:
            raise resource_missing("charge", charge_id, param="id", status=404)
        charge = call.account.charges[charge_id]
    elif "payment_intent" in call.params:
        intent = call.account.payment_intents.referenced(
            call.params["payment_intent"], "payment_intent"
        )
        if intent["latest_charge"] is None:
            message = "This PaymentIntent has no successful charge to refund."
            raise StripeError(
                message, code="payment_intent_unexpected_state", param="payment_intent"
            )
        charge = call.account.charges[intent["latest_charge"]]
    else:
        message = "Name the charge or the payment_intent to refund."
        raise missing_parameter("payment_intent", message)
    if charge["refunded"]:
        return charge
    if charge["status"] == "succeeded" and not charge["captured"]:
        raise StripeError(
            f"This uncaptured Charge was created by a PaymentIntent ({charge['payment_intent']})."
            " To let go of the authorization, cancel the PaymentIntent instead of refunding."
        )
    if not charge["captured"]:
        message = f"Charge {charge['id']} took no money, so there is nothing to refund."
        raise StripeError(message, code="charge_not_refundable")
    return charge
