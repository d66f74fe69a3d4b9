"""MiniStack, with three changes that bring it closer to AWS. Started by MiniStack's own Python.

1. Lambdas run with a Python that has boto3 and nothing else, as on AWS. MiniStack would use its
   own, whose packages (pydantic is among them) would stand in for what a layer lacks.
2. Requests to the API beyond a number of slots wait their turn. MiniStack would start a process
   for each, and two hundred at once are more than a laptop has memory for. AWS would run them all.
   What a Lambda causes itself, such as a Cognito trigger, does not wait: that would be a deadlock.
3. A Cognito authorizer without scopes takes ID tokens only. MiniStack would take access tokens too.

They reach into MiniStack's private names, which the pinned version in requirements/ keeps still;
if one goes away, starting fails.
"""

import argparse
import asyncio
import sys
from typing import Any

from ministack import app  # type: ignore[import-not-found]
from ministack.core import lambda_runtime  # type: ignore[import-not-found]
from ministack.services import apigateway_v1  # type: ignore[import-not-found]


def run_lambdas_with(python: str) -> None:
    """Give Lambdas an interpreter of their own."""
    _, script = lambda_runtime._detect_runtime_binary("python3.13")
    lambda_runtime._detect_runtime_binary = lambda _runtime: (python, script)


def queue_requests_beyond(slots: int) -> None:
    """Let the API invoke this many Lambdas at a time, and the other requests wait."""
    invoke = apigateway_v1._call_lambda_raw
    free = asyncio.Semaphore(slots)

    async def invoke_in_turn(*arguments: Any, **keywords: Any) -> Any:
        async with free:
            return await invoke(*arguments, **keywords)

    apigateway_v1._call_lambda_raw = invoke_in_turn


def refuse_access_tokens() -> None:
    """Let an access token in only where a method asks for scopes."""
    validate = apigateway_v1._validate_cognito_authorizer

    async def validate_id_token(
        authorizer: Any, method: dict[str, Any], *request: Any
    ) -> tuple[dict[str, Any] | None, Any]:
        claims, error = await validate(authorizer, method, *request)
        for_users = not method.get("authorizationScopes")
        if claims and for_users and claims["token_use"] != "id":  # noqa: S105
            return None, apigateway_v1._gw_error("UNAUTHORIZED", "Unauthorized")
        return claims, error

    apigateway_v1._validate_cognito_authorizer = validate_id_token


def main() -> None:
    """Apply the changes and serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lambda-python", required=True)
    parser.add_argument("--lambda-slots", required=True, type=int)
    arguments = parser.parse_args()
    run_lambdas_with(arguments.lambda_python)
    queue_requests_beyond(arguments.lambda_slots)
    refuse_access_tokens()
    sys.argv = sys.argv[:1]  # MiniStack parses what is left
    app.main()


if __name__ == "__main__":
    main()
