"""Disputes: chargebacks, which take the money back at once, and inquiries, which only ask.

    warning_needs_response → warning_under_review → warning_closed      an inquiry
                           ↘ needs_response                             that becomes a chargeback
    needs_response → under_review → won | lost                          a chargeback

amount is in minor units: 1099 is €10.99, or ¥1099.
See https://docs.stripe.com/disputes/how-disputes-work
"""

from stripe_simulator.errors import StripeError
from stripe_simulator.lists import listed
from stripe_simulator.resources import radar
from stripe_simulator.state import Account, Call, StripeObject, new_id, now

INQUIRY = frozenset({"warning_needs_response", "warning_under_review", "warning_closed"})
_ENDED = frozenset({"warning_closed", "won", "lost"})
_REFUNDABLE = INQUIRY | {"won"}
_FEE = 1500
_EVIDENCE_SECONDS = 7 * 24 * 3600
_EVIDENCE = (
    "access_activity_log", "billing_address", "cancellation_policy",
    "cancellation_policy_disclosure", "cancellation_rebuttal", "customer_communication",
    "customer_email_address", "customer_name", "customer_purchase_ip", "customer_signature",
    "duplicate_charge_documentation", "duplicate_charge_explanation", "duplicate_charge_id",
    "product_description", "receipt", "refund_policy", "refund_policy_disclosure",
    "refund_refusal_explanation", "service_date", "service_documentation", "shipping_address",
    "shipping_carrier", "shipping_date", "shipping_documentation", "shipping_tracking_number",
    "uncategorized_file", "uncategorized_text",
)  # fmt: skip


def retrieve(call: Call) -> StripeObject:
    return call.account.disputes.find(call.object_id)


def list_all(call: Call) -> StripeObject:
    wanted = {
        name: call.params[name] for name in ("charge", "payment_intent") if name in call.params
    }
    return listed(
        call,
        [
            dispute
            for dispute in call.account.disputes.values()
            if all(dispute[name] == value for name, value in wanted.items())
        ],
    )


def open_dispute(
    call: Call,
    charge: StripeObject,
    reason: str,
    *,
    inquiry: bool,
    amount: int | None = None,
    marks_charge: bool = True,
) -> StripeObject:
    """The cardholder disputes a charge: its bank takes the money back, or asks about it first.

    marks_charge: whether the charge says that it is disputed; every chargeback does so.

    Raises:
        StripeError: 409, the charge took no money; 400, it was for less than that.
    """
    if not charge["captured"]:
        raise StripeError("This charge took no money, so nobody can dispute it.", status=409)
    disputed = charge["amount"] if amount is None else amount
    if not 1 <= disputed <= charge["amount"]:
        raise StripeError(f"The charge was for {charge['amount']}.", param="amount")
    brand = charge["payment_method_details"]["card"]["brand"]
    dispute = call.account.disputes.add(
        {
            "id": new_id("du"),
            "object": "dispute",
            "amount": disputed,
            "balance_transactions": [],
            "charge": charge["id"],
            "created": now(),
            "currency": charge["currency"],
            "enhanced_eligibility_types": [],
            "evidence": dict.fromkeys(_EVIDENCE) | {"enhanced_evidence": {}},
            "evidence_details": {
                "due_by": now() + _EVIDENCE_SECONDS,
                "enhanced_eligibility": {},
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
            },
            "is_charge_refundable": inquiry,
            "livemode": False,
            "metadata": {},
            "payment_intent": charge["payment_intent"],
            "payment_method_details": {
                "card": {
                    "brand": brand,
                    "case_type": "inquiry" if inquiry else "chargeback",
                    "network": brand,
                    "network_reason_code": None,
                },
                "type": "card",
            },
            "reason": reason,
            "status": "warning_needs_response" if inquiry else "needs_response",
        }
    )
    if marks_charge or not inquiry:
        _mark(charge, dispute)
    call.emit("charge.dispute.created", dispute)
    if not inquiry:
        radar.close_review_of(call, charge, "disputed")
        radar.need_no_answer(call, charge)
        _move_funds(call, dispute, "withdrawn")
    return dispute


def move(call: Call, dispute: StripeObject, status: str) -> None:
    """The merchant has answered, the cardholder's bank has decided, or wants the money after all.

    Raises:
        StripeError: 409, from its present status a dispute never gets there.
    """
    before = dispute["status"]
    was_inquiry = before in INQUIRY
    if before == "warning_closed" or (was_inquiry and status in {"under_review", "won", "lost"}):
        raise _impossible(dispute, status)
    if not was_inquiry and status in INQUIRY:
        raise _impossible(dispute, status)
    dispute |= {"status": status, "is_charge_refundable": status in _REFUNDABLE}
    if was_inquiry and status == "needs_response":
        dispute["payment_method_details"]["card"]["case_type"] = "chargeback"
        _mark(call.account.charges[dispute["charge"]], dispute)
        _move_funds(call, dispute, "withdrawn")
    if status == "won":
        _move_funds(call, dispute, "reinstated")
    event = "closed" if status in _ENDED else "updated"
    call.emit(f"charge.dispute.{event}", dispute, {"status": before})


def forbids_refund(account: Account, charge: StripeObject) -> bool:
    """Whether a refund of the charge would pay the cardholder twice."""
    return any(
        dispute["charge"] == charge["id"] and not dispute["is_charge_refundable"]
        for dispute in account.disputes.values()
    )


def _mark(charge: StripeObject, dispute: StripeObject) -> None:
    charge |= {"disputed": True, "dispute": dispute["id"]}


def _move_funds(call: Call, dispute: StripeObject, direction: str) -> None:
    amount = dispute["amount"] if direction == "reinstated" else -dispute["amount"]
    fee = 0 if direction == "reinstated" else _FEE
    dispute["balance_transactions"].append(
        {
            "id": new_id("txn"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": now(),
            "created": now(),
            "currency": dispute["currency"],
            "description": f"Chargeback {direction} for {dispute['charge']}",
            "exchange_rate": None,
            "fee": fee,
            "fee_details": [],
            "net": amount - fee,
            "reporting_category": "dispute" if fee else "dispute_reversal",
            "source": dispute["id"],
            "status": "pending",
            "type": "adjustment",
        }
    )
    call.emit(f"charge.dispute.funds_{direction}", dispute)


def _impossible(dispute: StripeObject, status: str) -> StripeError:
    return StripeError(
        f"A dispute never goes from {dispute['status']} to {status}.", status=409, param="status"
    )
