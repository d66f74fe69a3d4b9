"""Saved cards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from payments.domain.consent import OFF_SESSION, Consent


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """A saved card: the details we may show, never its number.

    `fingerprint` is the same for every PaymentMethod with the same number. `consent` is what the
    person agreed to when they saved it, None if they were not asked. `replaced` means that the
    same card was saved again since, and that this one only waits for an open payment to end.
    """

    payment_method_id: str
    type: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    cardholder_name: str | None
    created_at: str
    fingerprint: str | None = None
    billing_details: Mapping[str, object] = field(default_factory=dict, repr=False)
    consent: Consent | None = None
    default: bool = False
    replaced: bool = False

    @property
    def expired(self) -> bool:
        """Whether the card has expired: it is valid until the end of its expiry month."""
        today = datetime.now(UTC)
        return (self.exp_year, self.exp_month) < (today.year, today.month)

    @property
    def usable_off_session(self) -> bool:
        """Whether the person agreed that it may be charged in their absence."""
        return self.consent is not None and self.consent.usage == OFF_SESSION

    @property
    def saved_at(self) -> str:
        """When it was saved: when the person agreed or, if nobody asked, when it was made."""
        return self.consent.at if self.consent else self.created_at


@dataclass(frozen=True, slots=True)
class CardChanges:
    """What is to change about a card. A None in the billing details removes that value."""

    billing_details: Mapping[str, object] = field(default_factory=dict, repr=False)
    exp_month: int | None = None
    exp_year: int | None = None
    default: bool = False
