"""What a person agrees to when they save a card."""

from collections.abc import Mapping
from dataclasses import dataclass

ON_SESSION = "on_session"
OFF_SESSION = "off_session"

# What the person agrees to if the front end shows no words of its own.
WORDING: Mapping[str, str] = {
    ON_SESSION: "Save this card for the payments that I make myself.",
    OFF_SESSION: "Save this card, also for charges that I have agreed to and am not there for.",
}
TEXT_MAX_LENGTH = 500  # https://docs.stripe.com/api/metadata


@dataclass(frozen=True, slots=True)
class Consent:
    """Whether a card may be charged in the person's absence, in which words, and since when.

    `usage` is Stripe's: `on_session` or `off_session`. `at` is a time as `clock.now` tells it.
    """

    usage: str
    text: str
    at: str
