"""The groups that operations are shown in, by the beginning of their paths."""

from collections.abc import Mapping
from typing import Any

# In the order in which they are shown.
_TAGS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "Account": (
        "Signing up, logging out, and what is kept of a person.",
        ("/signup", "/sign-out", "/account"),
    ),
    "Products": ("What is for sale.", ("/products",)),
    "Cards": (
        "Saving cards, and what can be done with them.",
        ("/setup-intents", "/payment-methods"),
    ),
    "Orders": ("What the merchant has made for a person to pay.", ("/orders",)),
    "Payments": ("Paying, and what became of it.", ("/payments",)),
    "Merchant's orders": ("For programs and staff.", ("/merchant/orders",)),
    "Merchant's payments": ("For programs and staff.", ("/merchant/payments",)),
    "Merchant's products": ("For programs and staff.", ("/merchant/products",)),
    "Stripe": ("For Stripe alone.", ("/stripe",)),
}


def tag_of(path: str) -> str:
    """The group of a path.

    Raises:
        LookupError: it is in none yet.
    """
    for tag, (_, beginnings) in _TAGS.items():
        if path.startswith(beginnings):
            return tag
    raise LookupError(f"say in tools/openapi/tags.py where {path} belongs")


def all_tags() -> list[dict[str, Any]]:
    """The groups and what they are about."""
    return [{"name": tag, "description": words} for tag, (words, _) in _TAGS.items()]
