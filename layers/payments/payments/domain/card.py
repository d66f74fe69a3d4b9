"""Saved cards."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """A saved card: the details we may show, never its number."""

    payment_method_id: str
    type: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    cardholder_name: str | None
    created_at: str

    @property
    def expired(self) -> bool:
        """Whether the card has expired: it is valid until the end of its expiry month."""
        today = datetime.now(UTC)
        return (self.exp_year, self.exp_month) < (today.year, today.month)
