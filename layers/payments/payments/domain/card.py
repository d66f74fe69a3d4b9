"""A saved card: what may be shown of it."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """A saved card: what may be shown of it, never its number."""

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
        """A card is good until the end of its month."""
        today = datetime.now(UTC)
        return (self.exp_year, self.exp_month) < (today.year, today.month)
