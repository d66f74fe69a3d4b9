"""Which email addresses Stripe takes.

Its exact rules are its own; these refuse what has no chance of being an address.
"""

import re

from stripe_simulator.errors import StripeError

_EMAIL = re.compile(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+")
_LONGEST = 512


def check_email(email: str, param: str) -> None:
    """Refuse what is no address. An empty one unsets it.

    Raises:
        StripeError: email_invalid.
    """
    if email and (len(email) > _LONGEST or not _EMAIL.fullmatch(email)):
        message = f"Invalid email address: {email}"
        raise StripeError(message, code="email_invalid", param=param, began=False)
