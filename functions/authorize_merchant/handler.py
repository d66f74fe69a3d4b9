"""The authorizer of the merchant's routes, for tokens of staff and of programs."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import deadline, wiring
from payments.api.policy import allow, deny
from payments.domain.errors import (
    AccountBeingDeletedError,
    AccountErasedError,
    InvalidTokenError,
    NotAllowedError,
    SignedOutError,
)
from payments.use_cases.authorize_merchant import authorize_merchant

logger = Logger()
wiring.prepare(wiring.pool_tokens, wiring.customers)


class UnauthorizedError(Exception):
    """API Gateway answers 401 to exactly this message."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    token = event["authorizationToken"].partition(" ")[2].strip()
    method_arn = event["methodArn"]
    with deadline.of_invocation(context):
        try:
            caller = authorize_merchant(
                token, tokens=wiring.pool_tokens(), customers=wiring.customers()
            )
        except (InvalidTokenError, SignedOutError, AccountErasedError) as error:
            logger.info("not authenticated", extra={"reason": type(error).__name__})
            raise UnauthorizedError from None
        except (NotAllowedError, AccountBeingDeletedError) as error:
            logger.info("not allowed", extra={"reason": type(error).__name__})
            return deny(method_arn)
    return allow(caller, method_arn)
