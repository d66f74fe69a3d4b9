"""Stripe's JSON, as short as the SDK and the gateway accept it."""

from typing import Any

CLIENT_SECRET = "pi_1_secret_do_not_tell"


def a_customer_object(**changes: Any) -> dict[str, Any]:
    """A Customer."""
    return {"id": "cus_ada", "object": "customer", "created": 1_767_225_600, **changes}


def a_payment_method_object(**changes: Any) -> dict[str, Any]:
    """A card, saved at the beginning of 2026."""
    return {
        "id": "pm_card",
        "object": "payment_method",
        "type": "card",
        "card": {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2999},
        "billing_details": {"name": "Ada Lovelace"},
        "created": 1_767_225_600,
        "customer": "cus_ada",
        **changes,
    }


def an_intent_object(**changes: Any) -> dict[str, Any]:
    """A PaymentIntent that waits for its confirmation."""
    return {
        "id": "pi_1",
        "object": "payment_intent",
        "status": "requires_confirmation",
        "client_secret": CLIENT_SECRET,
        "payment_method": "pm_card",
        "next_action": None,
        "last_payment_error": None,
        **changes,
    }


def a_list_of(*items: dict[str, Any], has_more: bool = False) -> dict[str, Any]:
    """A page of a list."""
    return {"object": "list", "url": "/v1/list", "has_more": has_more, "data": [*items]}


def a_search_result_of(*items: dict[str, Any]) -> dict[str, Any]:
    """A page of search results."""
    return {"object": "search_result", "url": "/v1/search", "has_more": False, "data": [*items]}
