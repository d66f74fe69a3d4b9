"""How much the guard allows. See docs/limits.md."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is allowed; 0 sets no limit.

    declines_per_person, open_payments_per_person, cards_per_person, people_per_card: within a day.
    declines_per_address, signups_per_address: within an hour.
    """

    declines_per_person: int = 20
    open_payments_per_person: int = 40
    cards_per_person: int = 40
    people_per_card: int = 5
    declines_per_address: int = 100
    signups_per_address: int = 50

    @classmethod
    def parse(cls, text: str) -> "Limits":
        """Read `declines_per_person=20 signups_per_address=50`; the others are by default."""
        pairs = (each.partition("=") for each in text.split())
        return cls(**{name: int(value) for name, _, value in pairs})
