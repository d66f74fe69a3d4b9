"""Which orders the merchant looks for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSearch:
    """Orders of this mode that have all of these; what is None is not looked at.

    `since` and `until` are about when they were made: `since` is in it, `until` is not.
    """

    livemode: bool
    order_reference: str | None = None
    user_id: str | None = None
    status: str | None = None
    since: str | None = None
    until: str | None = None
