"""Cognito's trigger PreSignUp: what our route refuses, a direct SignUp does not get either."""

import os
from typing import Any

from payments import wiring
from payments.domain.registration import wrong_attributes

wiring.prepare()
CONFIRMS = os.environ.get("EMAIL_VERIFICATION") == "off"


class RegistrationRefusedError(Exception):
    """Cognito passes the message on to whoever signs up. It holds nothing that they said."""


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer within five seconds: Cognito waits no longer, and then refuses the sign-up."""
    wrong = [
        f"{name} {what}" for name, what in wrong_attributes(event["request"]["userAttributes"])
    ]
    if wrong:
        raise RegistrationRefusedError("; ".join(wrong))
    if CONFIRMS and event["triggerSource"] == "PreSignUp_SignUp":
        # Cognito has no switch for "no verification". Password recovery needs a verified address.
        event["response"].update(autoConfirmUser=True, autoVerifyEmail=True)
    return event
