"""Charges: every attempt to take money that reached the issuer.

amount is in minor units: 1099 is €10.99, or ¥1099.
See https://docs.stripe.com/api/charges
"""

from stripe_simulator.cards import Decline
from stripe_simulator.lists import listed
from stripe_simulator.state import Call, StripeObject, copied, new_id, now

_EVIDENCE_SECONDS = 7 * 24 * 3600


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
) -> StripeObject:
    """Record one attempt to charge the card; decline is the issuer's refusal, if it refused."""
    succeeded = decline is None
    captured = succeeded and intent["capture_method"] != "manual"
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
        "balance_transaction": new_id("txn") if captured else None,
        "billing_details": copied(payment_method["billing_details"]),
        "calculated_statement_descriptor": intent["statement_descriptor"] or "SIMULATOR",
        "captured": captured,
        "created": now(),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": decline.code if decline else None,
        "failure_message": decline.message if decline else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": copied(intent["metadata"]),
        "on_behalf_of": None,
        "outcome": _outcome(decline),
        "paid": succeeded,
        "payment_intent": intent["id"],
        "payment_method": payment_method["id"],
        "payment_method_details": {
            "type": "card",
            "card": {
                "amount_authorized": intent["amount"] if succeeded else None,
                "brand": card["brand"],
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
        "radar_options": {},
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


def capture(call: Call, charge: StripeObject, amount: int) -> None:
    """Take an authorized amount; the rest of the authorization is given back."""
    charge |= {
        "captured": True,
        "amount_captured": amount,
        "amount_refunded": charge["amount"] - amount,
        "balance_transaction": new_id("txn"),
    }
    call.emit("charge.captured", charge)


def give_back(call: Call, charge: StripeObject, amount: int) -> None:
    """Count a refund, or a cancelled authorization, against the charge."""
    previous = {name: charge[name] for name in ("amount_refunded", "refunded")}
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    call.emit("charge.refunded", charge, previous)


def dispute(call: Call, charge: StripeObject, reason: str) -> None:
    """The cardholder disputes a charge, and its bank takes the money back."""
    charge["disputed"] = True
    due_by = now() + _EVIDENCE_SECONDS
    disputed = call.account.disputes.add(
        {
            "id": new_id("du"),
            "object": "dispute",
            "amount": charge["amount"],
            "balance_transactions": [],
            "charge": charge["id"],
            "created": now(),
            "currency": charge["currency"],
            "enhanced_eligibility_types": [],
            "evidence": {"enhanced_evidence": {}},
            "evidence_details": {
                "due_by": due_by,
                "enhanced_eligibility": {},
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
            },
            "is_charge_refundable": False,
            "livemode": False,
            "metadata": {},
            "payment_intent": charge["payment_intent"],
            "reason": reason,
            "status": "needs_response",
        }
    )
    call.emit("charge.dispute.created", disputed)
    call.emit("charge.dispute.funds_withdrawn", disputed)


def move_dispute(call: Call, dispute: StripeObject, status: str) -> None:
    """The merchant has answered a dispute (`under_review`), or the bank has decided it."""
    previous = {"status": dispute["status"]}
    dispute["status"] = status
    if status == "won":
        call.emit("charge.dispute.funds_reinstated", dispute)
    ended = status in {"won", "lost"}
    call.emit("charge.dispute.closed" if ended else "charge.dispute.updated", dispute, previous)


def retrieve_dispute(call: Call) -> StripeObject:
    return call.account.disputes.find(call.object_id)


def list_disputes(call: Call) -> StripeObject:
    wanted = {
        name: call.params[name] for name in ("charge", "payment_intent") if name in call.params
    }
    return listed(
        call, [d for d in call.account.disputes.values() if wanted.items() <= _ids(d).items()]
    )


def _ids(stripe_object: StripeObject) -> dict[str, str | None]:
    return {name: stripe_object.get(name) for name in ("charge", "customer", "payment_intent")}


def _outcome(decline: Decline | None) -> StripeObject:
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
        "network_decline_code": "05",
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
