"""The account that a key belongs to.

See https://docs.stripe.com/api/accounts
"""

from stripe_simulator.currencies import CURRENCIES
from stripe_simulator.errors import resource_missing
from stripe_simulator.state import Call, StripeObject

_COUNTRY = "US"


def retrieve(call: Call) -> StripeObject:
    return {
        "id": call.account.id,
        "object": "account",
        "business_profile": None,
        "business_type": None,
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "country": _COUNTRY,
        "default_currency": "usd",
        "details_submitted": True,
        "email": "owner@example.com",
        "metadata": {},
        "payouts_enabled": True,
        "settings": None,
        "type": "standard",
    }


def retrieve_country(call: Call) -> StripeObject:
    """What accounts in a country can do; the account's own country alone is simulated.

    See https://docs.stripe.com/api/country_specs
    """
    if call.object_id != _COUNTRY:
        raise resource_missing("country spec", call.object_id, param="country", status=404)
    return {
        "id": _COUNTRY,
        "object": "country_spec",
        "default_currency": "usd",
        "supported_bank_account_currencies": {"usd": [_COUNTRY]},
        "supported_payment_currencies": list(CURRENCIES),
        "supported_payment_methods": ["ach", "card", "stripe"],
        "supported_transfer_countries": [_COUNTRY],
    }
