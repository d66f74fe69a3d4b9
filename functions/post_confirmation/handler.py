"""Cognito's trigger PostConfirmation: a new password ends every session of before."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import deadline, wiring
from payments.use_cases.end_sessions import end_sessions

logger = Logger()
wiring.prepare(wiring.customers)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer within five seconds: Cognito waits no longer, and then asks again."""
    if event["triggerSource"] == "PostConfirmation_ConfirmForgotPassword":
        user_id = event["request"]["userAttributes"]["sub"]
        with deadline.of_invocation(context):
            end_sessions(
                user_id,
                pool=wiring.pool_administration(event["userPoolId"]),
                customers=wiring.customers(),
            )
        logger.info("signed out everywhere", extra={"user_id": user_id})
    return event
