"""The answers of the merchant's authorizer: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html"""

import re
from typing import Any

from payments.api.scopes import SCOPES, routes_for
from payments.domain.token import Token

type Policy = dict[str, Any]


def allow(caller: Token, method_arn: str) -> Policy:
    """Let the caller use all its routes, whichever was asked for: API Gateway keeps the answer."""
    routes = routes_for(caller)
    if not routes:
        return deny(method_arn)
    return {
        "principalId": str(caller.actor),
        "policyDocument": _document("Allow", [_arn(method_arn, route) for route in routes]),
        "context": {
            "actor": str(caller.actor),
            "kind": caller.actor.kind,
            "scopes": " ".join(sorted({SCOPES[route] for route in routes})),
        },
    }


def deny(method_arn: str) -> Policy:
    """Let the caller use nothing."""
    return {
        "principalId": "nobody",
        "policyDocument": _document("Deny", [f"{_stage(method_arn)}/*"]),
    }


def _document(effect: str, resources: list[str]) -> Policy:
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": resources}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _arn(method_arn: str, route: str) -> str:
    method, path = route.split(" ", maxsplit=1)
    return f"{_stage(method_arn)}/{method}{re.sub(r'{[a-z_]+}', '*', path)}"


def _stage(method_arn: str) -> str:
    """The part of a method's ARN that names the API and its stage."""
    return "/".join(method_arn.split("/", maxsplit=2)[:2])
