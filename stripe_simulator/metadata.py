"""Metadata: Stripe's limits, and how an update merges.

See https://docs.stripe.com/api/metadata
"""

from typing import Any

from stripe_simulator.errors import invalid_parameter

_MAX_KEYS = 50
_MAX_KEY_LENGTH = 40
_MAX_VALUE_LENGTH = 500


def merged(current: dict[str, str], update: dict[str, str] | str | None) -> dict[str, str]:
    """Metadata after an update: an empty value drops its key, an empty string drops them all.

    Raises:
        StripeError: too many keys, or too long ones.
    """
    if update is None:
        return current
    if isinstance(update, str):
        return {}
    for key, value in update.items():
        if len(key) > _MAX_KEY_LENGTH:
            message = f"Metadata keys have at most {_MAX_KEY_LENGTH} characters: {key}"
            raise invalid_parameter(f"metadata[{key}]", message)
        if len(value) > _MAX_VALUE_LENGTH:
            message = f"Metadata values have at most {_MAX_VALUE_LENGTH} characters: {key}"
            raise invalid_parameter(f"metadata[{key}]", message)
    result = {key: value for key, value in (current | update).items() if value != ""}
    if len(result) > _MAX_KEYS:
        raise invalid_parameter("metadata", f"Metadata has at most {_MAX_KEYS} keys.")
    return result


def unset_if_empty(value: Any) -> Any:
    """An empty string is how Stripe's forms say null."""
    return None if value == "" else value
