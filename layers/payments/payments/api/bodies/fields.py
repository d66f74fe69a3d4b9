"""Fields that several bodies have."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, StringConstraints

from payments.domain import registration
from payments.domain.clock import timestamp


def _visible(value: object) -> object:
    return registration.visible_text(value) if isinstance(value, str) else value


# Before anything is cut off the ends, as a line break would be.
Visible = BeforeValidator(_visible)


Email = Annotated[
    str,
    StringConstraints(max_length=registration.EMAIL_MAX_LENGTH, strip_whitespace=True),
    AfterValidator(registration.email_address),
    AfterValidator(str.lower),
    Visible,
]


Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=registration.NAME_MAX_LENGTH, strip_whitespace=True),
    Visible,
]


Phone = Annotated[str, StringConstraints(pattern=registration.PHONE_PATTERN)]


Birthdate = Annotated[
    str,
    StringConstraints(pattern=registration.BIRTHDATE_PATTERN),
    AfterValidator(registration.past_day),
]


Gender = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=registration.GENDER_MAX_LENGTH, strip_whitespace=True
    ),
    Visible,
]


SetupIntentId = Annotated[str, StringConstraints(pattern=r"^seti_[A-Za-z0-9_]{1,250}$")]


PaymentMethodId = Annotated[str, StringConstraints(pattern=r"^pm_[A-Za-z0-9_]{1,250}$")]


AddressLine = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True), Visible]


OrderId = Annotated[str, StringConstraints(pattern=r"^ord_[0-9A-Za-z]{1,64}$")]


CvcToken = Annotated[str, StringConstraints(pattern=r"^[a-z]{3,16}_[A-Za-z0-9_]{1,200}$")]


RadarSession = Annotated[str, StringConstraints(pattern=r"^rse_[A-Za-z0-9_]{1,200}$")]


Currency = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{3}$", to_lower=True)]


def _moment(value: str) -> str:
    """A time as our rows have it.

    Raises:
        ValueError: it is not one.
    """
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo:
            return timestamp(moment)
    except (ValueError, OverflowError):
        pass
    raise ValueError("use ISO 8601 with a time zone, such as 2026-11-27T00:00:00Z")


Moment = Annotated[str, StringConstraints(max_length=40), AfterValidator(_moment)]
