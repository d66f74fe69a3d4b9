"""Mandates: what a customer agreed to, made by a SetupIntent that says how they did.

See https://docs.stripe.com/api/mandates
"""

from stripe_simulator.state import Call, StripeObject, copied, new_id, now


def add(call: Call, payment_method_id: str, acceptance: StripeObject) -> StripeObject:
    """Make a mandate for every later payment. It ends when its card is detached."""
    return call.account.mandates.add(
        {
            "id": new_id("mandate"),
            "object": "mandate",
            "customer_acceptance": {"accepted_at": now()} | copied(acceptance),
            "livemode": False,
            "multi_use": {},
            "on_behalf_of": None,
            "payment_method": payment_method_id,
            "payment_method_details": {"card": {}, "type": "card"},
            "status": "active",
            "type": "multi_use",
        }
    )


def retrieve(call: Call) -> StripeObject:
    return call.account.mandates.find(call.object_id)
