"""The account that a key belongs to.

See https://docs.stripe.com/api/accounts
"""

from stripe_simulator.state import Call, StripeObject


def retrieve(call: Call) -> StripeObject:
    return {
        "id": call.account.id,
        "object": "account",
        "business_profile": None,
        "business_type": None,
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "country": "US",
        "default_currency": "usd",
        "details_submitted": True,
        "email": "owner@example.com",
        "metadata": {},
        "payouts_enabled": True,
        "settings": None,
        "type": "standard",
    }
