"""Charges: every attempt to take money that reached the issuer.

amount is in minor units: 1099 is €10.99, or ¥1099.
See https://docs.stripe.com/api/charges
"""

from stripe_simulator.cards import Decline
from stripe_simulator.errors import StripeError
from stripe_simulator.lists import listed
from stripe_simulator.state import Call, StripeObject, copied, new_id, now

_SECONDS_A_DAY = 24 * 3600
_LONGEST_STATEMENT = 22


def retrieve(call: Call) -> StripeObject:
    return call.account.charges.find(call.object_id)


def list_all(call: Call) -> StripeObject:
    wanted = {
        name: call.params[name] for name in ("customer", "payment_intent") if name in call.params
    }
    return listed(
        call, [c for c in call.account.charges.values() if wanted.items() <= _ids(c).items()]
    )


def attempt(
    call: Call,
    intent: StripeObject,
    payment_method: StripeObject,
    decline: Decline | None,
    *,
    authenticated: bool,
    reviewed: bool = False,
) -> StripeObject:
    """Record one attempt to charge the card; decline is the issuer's refusal, if it refused.

    reviewed: a rule wants somebody to look at it.
    """
    succeeded = decline is None
    captured = succeeded and intent["capture_method"] != "manual"
    held = succeeded and not captured
    card = payment_method["card"]
    charge: StripeObject = {
        "id": new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if captured else 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,  # Stripe writes it a little later: `settle`
        "billing_details": copied(payment_method["billing_details"]),
        "calculated_statement_descriptor": _statement(intent["statement_descriptor_suffix"]),
        "captured": captured,
        "created": now(),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "dispute": None,
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": decline.code if decline else None,
        "failure_message": decline.message if decline else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": copied(intent["metadata"]),
        "on_behalf_of": None,
        "outcome": _outcome(decline, reviewed=reviewed),
        "paid": succeeded,
        "payment_intent": intent["id"],
        "payment_method": payment_method["id"],
        "payment_method_details": {
            "type": "card",
            "card": {
                "amount_authorized": intent["amount"] if succeeded else None,
                "brand": card["brand"],
                "capture_before": now() + _held_seconds(call, card) if held else None,
                "checks": copied(card["checks"]),
                "country": card["country"],
                "exp_month": card["exp_month"],
                "exp_year": card["exp_year"],
                "fingerprint": card["fingerprint"],
                "funding": card["funding"],
                "installments": None,
                "last4": card["last4"],
                "mandate": None,
                "network": card["brand"],
                "three_d_secure": _three_d_secure() if authenticated else None,
                "wallet": None,
            },
        },
        "radar_options": copied(call.params.get("radar_options", {})),
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": copied(intent["shipping"]),
        "source": None,
        "source_transfer": None,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "succeeded" if succeeded else "failed",
        "transfer_data": None,
        "transfer_group": intent["transfer_group"],
    }
    call.account.charges.add(charge)
    call.emit("charge.succeeded" if succeeded else "charge.failed", charge)
    return charge


def capture(call: Call, charge: StripeObject, amount: int, suffix: str | None) -> None:
    """Take an authorized amount. The rest is let go of, which Stripe counts as a refund."""
    rest = charge["amount"] - amount
    charge |= {
        "captured": True,
        "amount_captured": amount,
        "statement_descriptor_suffix": suffix,
        "calculated_statement_descriptor": _statement(suffix),
    }
    if rest:
        _let_go(call, charge, rest)
    call.emit("charge.captured", charge)
    if rest:
        call.emit("charge.refunded", charge, {"amount_refunded": 0})


def release(call: Call, charge: StripeObject) -> None:
    """Let go of all that was authorized: the intent is canceled."""
    previous = _let_go(call, charge, charge["amount"])
    call.emit("charge.refunded", charge, previous)


def expire(call: Call, charge: StripeObject) -> None:
    """Nobody captured it in time."""
    set_capture_before(charge, min(capture_before(charge), now() - 1))
    previous = _let_go(call, charge, charge["amount"], "expired_uncaptured_charge")
    call.emit("charge.expired", charge, previous)


def capture_before(charge: StripeObject) -> int:
    """Until when an authorization can be captured."""
    moment: int = charge["payment_method_details"]["card"]["capture_before"]
    return moment


def set_capture_before(charge: StripeObject, moment: int) -> None:
    """The bank holds the money for longer or less long than it said."""
    charge["payment_method_details"]["card"]["capture_before"] = moment


def settle(call: Call, charge: StripeObject) -> None:
    """Write the balance transaction of a charge, as Stripe does shortly after it captured it.

    Raises:
        StripeError: 409, the charge took no money, or it has one.
    """
    if not charge["captured"] or charge["balance_transaction"]:
        raise StripeError("This charge has no balance transaction to wait for.", status=409)
    charge["balance_transaction"] = new_id("txn")
    call.emit("charge.updated", charge, {"balance_transaction": None})


def give_back(call: Call, charge: StripeObject, amount: int) -> None:
    """Count a refund against the charge."""
    previous = _count(charge, amount)
    call.emit("charge.refunded", charge, previous)


def take_back(charge: StripeObject, amount: int) -> None:
    """Undo `give_back`: the refund has failed after all."""
    _count(charge, -amount)


def _let_go(
    call: Call, charge: StripeObject, amount: int, reason: str | None = None
) -> StripeObject:
    """Money that was held and never taken: Stripe lists that with the charge's refunds."""
    call.account.refunds.add(refund_object(charge, amount, reason=reason))
    return _count(charge, amount)


def refund_object(charge: StripeObject, amount: int, *, reason: str | None) -> StripeObject:
    """A refund that has succeeded. One of money that was only held moves no balance."""
    return {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": now(),
        "currency": charge["currency"],
        "customer": charge["customer"],
        "customer_account": None,
        "destination_details": {
            "card": {
                "reference_status": "pending",
                "reference_type": "acquirer_reference_number",
                "type": "refund",
            },
            "type": "card",
        },
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


def _held_seconds(call: Call, card: StripeObject) -> int:
    in_absence = bool(call.params.get("off_session"))
    return (5 if in_absence and card["brand"] == "visa" else 7) * _SECONDS_A_DAY


def _statement(suffix: str | None) -> str:
    return f"SIMULATOR* {suffix}"[:_LONGEST_STATEMENT] if suffix else "SIMULATOR"


def _count(charge: StripeObject, refunded: int) -> StripeObject:
    previous = {name: charge[name] for name in ("amount_refunded", "refunded")}
    charge["amount_refunded"] += refunded
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    return previous


def _ids(stripe_object: StripeObject) -> dict[str, str | None]:
    return {name: stripe_object.get(name) for name in ("customer", "payment_intent")}


def _outcome(decline: Decline | None, *, reviewed: bool) -> StripeObject:
    if decline is None and reviewed:
        return _outcome(None, reviewed=False) | {
            "reason": "elevated_risk_level",
            "risk_level": "elevated",
            "risk_score": 70,
            "seller_message": "Stripe evaluated this payment as having elevated risk.",
            "type": "manual_review",
        }
    if decline is None:
        return {
            "advice_code": None,
            "network_advice_code": None,
            "network_decline_code": None,
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "risk_score": 20,
            "seller_message": "Payment complete.",
            "type": "authorized",
        }
    return {
        "advice_code": decline.advice_code,
        "network_advice_code": None,
        "network_decline_code": decline.network_decline_code,
        "network_status": "declined_by_network",
        "reason": decline.decline_code,
        "risk_level": "normal",
        "risk_score": 20,
        "seller_message": f"The bank declined the payment: {decline.decline_code}.",
        "type": "issuer_declined",
    }


def _three_d_secure() -> StripeObject:
    return {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": None,
        "version": "2.2.0",
    }
