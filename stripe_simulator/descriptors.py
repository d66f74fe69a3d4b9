"""What may be said about a charge on the cardholder's bank statement.

See https://docs.stripe.com/get-started/account/statement-descriptors
"""

import re

from stripe_simulator.errors import invalid_parameter

_LATIN_LETTER = re.compile(r"[A-Za-z]")
_FORBIDDEN = re.compile(r"""[<>\\'"*]""")
_LONGEST = 22


def check_descriptor(descriptor: str, suffix: str) -> None:
    """Refuse a descriptor, which cards don't take, and a suffix that no statement can show.

    Raises:
        StripeError: with the offending parameter.
    """
    if descriptor:
        param = "statement_descriptor"
        message = f"'{param}' can't be used with cards. Use 'statement_descriptor_suffix'."
        raise invalid_parameter(param, message)
    if not suffix:
        return
    param = "statement_descriptor_suffix"
    if len(suffix) > _LONGEST:
        raise invalid_parameter(param, f"'{param}' has at most {_LONGEST} characters.")
    if not _LATIN_LETTER.search(suffix):
        raise invalid_parameter(param, f"'{param}' must contain at least one Latin letter.")
    if _FORBIDDEN.search(suffix):
        raise invalid_parameter(param, f"'{param}' must not contain any of < > \\ ' \" *.")
