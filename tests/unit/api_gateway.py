"""Requests as API Gateway's REST API passes them on, and the answers to them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments.api.app import App
from payments.domain.customer import User
from tests.support.routes import path_parameters
from tests.unit.builders import ADA

REQUEST_ID = "request-1"


@dataclass(frozen=True)
class Answer:
    """A function's answer."""

    status: int
    body: Any
    headers: dict[str, str]


def an_event(
    method: str = "POST",
    path: str = "/orders",
    *,
    resource: str | None = None,
    user: User | None = ADA,
    body: object = None,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    base64: bool = False,
) -> dict[str, Any]:
    """An event; a `body` that is a string stays unchanged, anything else becomes JSON."""
    sent = {"Content-Type": "application/json", **(headers or {})}
    claims = {"sub": user.user_id, "email": user.email, "name": user.name} if user else None
    if claims and user and user.deletion_requested:
        claims["cognito:groups"] = "coffee-club,deletion-requested"
    return {
        "resource": resource or path,
        "path": path,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": dict(query) if query else None,
        "multiValueQueryStringParameters": (
            {name: [value] for name, value in query.items()} if query else None
        ),
        "pathParameters": path_parameters(resource or path, path),
        "requestContext": {
            "resourcePath": resource or path,
            "httpMethod": method,
            "stage": "v1",
            "requestId": REQUEST_ID,
            "authorizer": {"claims": claims} if claims else None,
        },
        "body": body if isinstance(body, str | None) else json.dumps(body),
        "isBase64Encoded": base64,
    }


def send(app: App, event: Mapping[str, Any]) -> Answer:
    """Answer one event."""
    response = app.resolve(dict(event), cast("LambdaContext", None))  # nothing uses it
    return Answer(
        status=response["statusCode"],
        body=json.loads(response["body"] or "null"),
        headers={name: values[0] for name, values in response["multiValueHeaders"].items()},
    )
