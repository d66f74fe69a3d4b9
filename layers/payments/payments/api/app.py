"""Serve one route of the API: read the request, call the endpoint, answer, log one line.

API Gateway picks the function by route, so each function has one route. Every error, even an
unexpected one, becomes a problem document: see payments.api.problems.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, get_args, get_origin

from aws_lambda_powertools.logging import Logger
from pydantic import BaseModel

from payments import deadline
from payments.api.errors import RouteNotFoundError
from payments.api.problems import problem_document, problem_of
from payments.api.request import PARTS, Request, read_arguments
from payments.settings import settings

logger = Logger()

_OK = 200
_SERVER_ERROR = 500
_ALLOWED_HEADERS = (
    "Authorization,Content-Type,Idempotency-Key,X-Amz-Date,X-Amz-Security-Token,X-Api-Key"
)
_JSON = {"Content-Type": "application/json"}
_PROBLEM_JSON = {"Content-Type": "application/problem+json"}
_NO_STORE = {"Cache-Control": "no-store"}  # answers may hold a client secret

# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
_API_GATEWAY_WAITS_SECONDS = 29
_MARGIN_SECONDS = 1  # so that the answer arrives in time


class App:
    """A function's route and the endpoint that serves it.

    app = App("POST", "/payments/{payment_id}/confirm")

    @app.endpoint
    def post_confirmation(
        payment_id: str, body: ConfirmPaymentRequest, user: User
    ) -> PaymentResponse: ...
    """

    endpoint_function: Callable[..., Any]
    parameters: Mapping[str, Any]
    answer_model: type[BaseModel]

    def __init__(self, method: str, path: str) -> None:
        self.method = method
        self.path = path

    def endpoint[F: Callable[..., Any]](self, function: F) -> F:
        """Register the function that answers: it returns a model, or a model and a status.

        The names of its parameters say what it needs: see `read_arguments`.
        """
        types = dict(function.__annotations__)
        answer = types.pop("return")
        unknown = [name for name in types if name not in PARTS and f"{{{name}}}" not in self.path]
        if unknown:
            raise TypeError(f"{self.method} {self.path} has no {', '.join(unknown)}")
        self.endpoint_function = function
        self.parameters = types
        self.answer_model = get_args(answer)[0] if get_origin(answer) is tuple else answer
        for model in (*types.values(), self.answer_model):
            if issubclass(model, BaseModel):
                model.model_rebuild()  # now, not on the first request
        return function

    def resolve(self, event: Any, context: object) -> dict[str, Any]:
        """Answer one request, within the time that Lambda and API Gateway leave."""
        try:
            request = Request(event, max_body_bytes=settings().max_body_bytes)
            with _deadline_of(context):
                return self._answer(request)
        except Exception as error:  # the event is not from API Gateway
            logger.exception("request could not be read")
            return _response(500, json.dumps(problem_document(error, "")), _PROBLEM_JSON)

    def _answer(self, request: Request) -> dict[str, Any]:
        code = None
        try:
            model, status = self._call_endpoint(request)
            body, headers = model.model_dump_json(), _JSON
        except Exception as error:  # every error gets an answer
            problem = problem_of(error)
            code, status = problem.code, problem.status
            body = json.dumps(problem_document(error, request.id))
            headers = {**_PROBLEM_JSON, **problem.headers}
            if status >= _SERVER_ERROR:
                logger.exception("request failed", extra={"correlation_id": request.id})
        logger.info(
            "answered",
            extra={
                "route": f"{request.method} {request.resource}",
                "status": status,
                "code": code,
                "correlation_id": request.id,
            },
        )
        return _response(status, body, {**headers, **_cors_headers(request)})

    def _call_endpoint(self, request: Request) -> tuple[BaseModel, int]:
        if (request.method, request.resource) != (self.method, self.path):
            raise RouteNotFoundError
        result = self.endpoint_function(**read_arguments(request, self.parameters))
        return result if isinstance(result, tuple) else (result, _OK)


def _deadline_of(context: object) -> AbstractContextManager[None]:
    """A deadline for when Lambda or API Gateway stops waiting for the answer."""
    milliseconds_left = getattr(context, "get_remaining_time_in_millis", None)
    if milliseconds_left is None:  # not invoked by Lambda
        return nullcontext()
    seconds_left = min(milliseconds_left() / 1000, _API_GATEWAY_WAITS_SECONDS)
    return deadline.start(seconds_left - _MARGIN_SECONDS)


def _cors_headers(request: Request) -> dict[str, str]:
    """The headers that let the stack's allowed origin read the answer."""
    allowed = settings().allowed_origin
    if allowed not in {"*", request.header("origin")}:
        return {}
    return {
        "Access-Control-Allow-Origin": allowed,
        "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
        "Access-Control-Expose-Headers": "Retry-After",
        "Access-Control-Max-Age": "600",
    }


def _response(status: int, body: str, headers: Mapping[str, str]) -> dict[str, Any]:
    return {
        "statusCode": status,
        "multiValueHeaders": {name: [value] for name, value in {**headers, **_NO_STORE}.items()},
        "body": body,
        "isBase64Encoded": False,
    }
