"""API Gateway's part: routes, events, and the authorizer's claims."""

import importlib
import json
import re
import uuid
from collections.abc import Mapping
from typing import Any, cast

from aws_lambda_powertools.utilities.typing import LambdaContext

from tests.support.api_client import Answer, ApiClient
from tests.support.contract import check_answer
from tests.support.routes import ROUTES, path_parameters


def claims_of(user_id: str, name: str = "Ada Lovelace") -> dict[str, str]:
    """The claims of a person's ID token."""
    email = f"{user_id[:8]}@example.com"
    return {"sub": user_id, "email": email, "name": name, "token_use": "id"}


class Context:
    """The part of Lambda's context that handlers use."""

    def get_remaining_time_in_millis(self) -> int:
        return 300_000


def run(step: str, event: Mapping[str, Any]) -> Any:
    """Run a function's handler."""
    handler = importlib.import_module(f"functions.{step}.handler")
    return handler.lambda_handler(event, cast("LambdaContext", Context()))


def invoke(step: str, event: Mapping[str, Any]) -> Answer:
    """Run the handler of a route, whose answer has to be one that the contract describes."""
    response = run(step, event)
    body = json.loads(response["body"]) if response["body"] else None
    check_answer(step, response["statusCode"], body)
    return Answer(
        status=response["statusCode"],
        body=body,
        headers={name: values[0] for name, values in response["multiValueHeaders"].items()},
    )


class Gateway:
    """Invokes a route's function with the event that a REST API makes from the request."""

    def __init__(
        self,
        claims: Mapping[str, str] | None,
        *,
        actor: str | None = None,
        address: str | None = "198.51.100.7",
    ) -> None:
        self.claims = claims
        self._actor = actor
        self._address = address

    def __call__(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        """Answer one request."""
        route, step = next(
            (route, step)
            for route, step in ROUTES.items()
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", route), f"{method} {path}")
        )
        resource = route.removeprefix(f"{method} ")
        sent = {"Content-Type": "application/json", **(headers or {})}
        event = {
            "resource": resource,
            "path": path,
            "httpMethod": method,
            "headers": sent,
            "multiValueHeaders": {name: [value] for name, value in sent.items()},
            "queryStringParameters": query,
            "multiValueQueryStringParameters": (
                {name: [value] for name, value in query.items()} if query else None
            ),
            "pathParameters": path_parameters(resource, path),
            "requestContext": {
                "resourcePath": resource,
                "httpMethod": method,
                "path": f"/v1{path}",
                "stage": "v1",
                "requestId": str(uuid.uuid4()),
                "identity": {"sourceIp": self._address},
                "authorizer": self._authorizer(),
            },
            "body": body if isinstance(body, str) or body is None else json.dumps(body),
            "isBase64Encoded": False,
        }
        return invoke(step, event)

    def _authorizer(self) -> dict[str, Any] | None:
        """What the route's authorizer has found out."""
        if self._actor:
            return {"actor": self._actor}
        return {"claims": self.claims} if self.claims else None


def merchants_gateway(actor: str = "program:shop") -> Gateway:
    """The merchant's routes, for a program or somebody of the staff."""
    return Gateway(None, actor=actor)


def client_for(user_id: str | None = None, *, address: str | None = "198.51.100.7") -> ApiClient:
    """A client for someone who is logged in."""
    return ApiClient(Gateway(claims_of(user_id or str(uuid.uuid4())), address=address))
