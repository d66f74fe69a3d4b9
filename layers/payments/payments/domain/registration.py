"""What a person may tell us when they sign up, whichever way they do it.

The API checks these rules, and so does the user pool's trigger: anybody may send `SignUp` straight
to Cognito. No part of this module needs more than Python itself, so the trigger starts quickly.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime

EMAIL_MAX_LENGTH = 254
NAME_MAX_LENGTH = 200
GENDER_MAX_LENGTH = 50
PHONE_PATTERN = r"^\+[1-9][0-9]{6,14}$"
BIRTHDATE_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")

# Control, format (bidirectional and zero-width ones are among them), surrogate, line and paragraph
# separator: https://www.unicode.org/reports/tr44/#General_Category_Values
_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Letters and marks that show nothing either: a joiner, and fillers of Hangul and Khmer.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")


def visible_text(text: str) -> str:
    """The text, if one sees all of it and nothing in it changes how the rest is shown.

    Joiners between letters, which Persian and some Indian names use, are refused as well: a name
    with them can look like another one without.

    Raises:
        ValueError: it has such a character.
    """
    if text != without_unseen(text):
        raise ValueError("must not contain line breaks or invisible characters")
    return text


def without_unseen(text: str) -> str:
    """The text without what `visible_text` refuses."""
    return "".join(
        character
        for character in text
        if character not in _UNSEEN and unicodedata.category(character) not in _UNSEEN_CATEGORIES
    )


def email_address(text: str) -> str:
    """The text, if it can be an email address.

    Raises:
        ValueError: it cannot.
    """
    if not _EMAIL.fullmatch(text):
        raise ValueError("must be an email address")
    return text


def past_day(text: str) -> str:
    """The text, if it is a date up to today.

    Raises:
        ValueError: it is not.
    """
    if date.fromisoformat(text) > datetime.now(UTC).date():
        raise ValueError("must not be in the future")
    return text


def wrong_attributes(attributes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each of Cognito's attributes that breaks a rule, and what is wrong with it.

    The API cuts blanks off the ends; Cognito would store them, so here they are refused.
    """
    for name in ("email", "name"):
        if not attributes.get(name):
            yield name, "is missing"
    for name, check in _CHECKS.items():
        if value := attributes.get(name):
            try:
                check(visible_text(value))
            except ValueError as error:
                yield name, str(error)


def _text(text: str, at_most: int) -> str:
    if text != text.strip():
        raise ValueError("must not begin or end with a blank")
    if len(text) > at_most:
        raise ValueError(f"must have {at_most} characters at most")
    return text


def _phone(text: str) -> str:
    if not re.fullmatch(PHONE_PATTERN, text):
        raise ValueError("must be an international phone number, such as +12025550123")
    return text


def _birthdate(text: str) -> str:
    if not re.fullmatch(BIRTHDATE_PATTERN, text):
        raise ValueError("must be a date, such as 1990-12-31")
    return past_day(text)


# By the names of OpenID Connect's claims, which are Cognito's.
_CHECKS: Mapping[str, Callable[[str], str]] = {
    "email": lambda email: email_address(_text(email, EMAIL_MAX_LENGTH)),
    "name": lambda name: _text(name, NAME_MAX_LENGTH),
    "phone_number": _phone,
    "birthdate": _birthdate,
    "gender": lambda gender: _text(gender, GENDER_MAX_LENGTH),
}
