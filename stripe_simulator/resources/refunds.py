"""Refunds.

amount is in minor units: 1099 is €10.99, or ¥1099.
See https://docs.stripe.com/api/refunds
"""

from stripe_simulator.errors import StripeError, invalid_parameter, missing_parameter
from stripe_simulator.lists import listed
from stripe_simulator.metadata import merged
from stripe_simulator.resources import charges
from stripe_simulator.state import Call, StripeObject, new_id, now

CREATE_PARAMS = frozenset({"amount", "charge", "metadata", "payment_intent", "reason"})


def create(call: Call) -> StripeObject:
    charge = _charge_of(call)
    remaining = charge["amount"] - charge["amount_refunded"]
    if remaining == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise StripeError(message, code="charge_already_refunded")
    if charge["disputed"]:
        message = f"Charge {charge['id']} is disputed, so it can't be refunded."
        raise StripeError(message, code="charge_disputed")
    amount = call.params.get("amount", remaining)
    if amount < 1:
        message = "This value must be greater than or equal to 1."
        raise invalid_parameter("amount", message, "parameter_invalid_integer")
    if amount > remaining:
        message = f"The refund of {amount} exceeds the {remaining} that can still be refunded."
        raise StripeError(message, param="amount", code="amount_too_large")
    refund = call.account.refunds.add(
        {
            "id": new_id("re"),
            "object": "refund",
            "amount": amount,
            "balance_transaction": new_id("txn"),
            "charge": charge["id"],
            "created": now(),
            "currency": charge["currency"],
            "destination_details": {"card": {"type": "refund"}, "type": "card"},
            "metadata": merged({}, call.params.get("metadata")),
            "payment_intent": charge["payment_intent"],
            "reason": call.params.get("reason"),
            "receipt_number": None,
            "source_transfer_reversal": None,
            "status": "succeeded",
            "transfer_reversal": None,
        }
    )
    call.emit("refund.created", refund)
    charges.give_back(call, charge, amount)
    return refund


def retrieve(call: Call) -> StripeObject:
    return call.account.refunds.find(call.object_id)


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


def _charge_of(call: Call) -> StripeObject:
    if "charge" in call.params:
        charge = call.account.charges.referenced(call.params["charge"], "charge")
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
    if not charge["captured"]:
        message = f"Charge {charge['id']} took no money, so there is nothing to refund."
        raise StripeError(message, code="charge_not_refundable")
    return charge
