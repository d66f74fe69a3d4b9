"""Serve one route of the API: read the request, call the endpoint, answer, log one line.

API Gateway picks the function by route, so each function has one route. Every error, even an
unexpected one, becomes a problem document: see payments.api.problems.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping
from typing import Any, get_args, get_origin

from aws_lambda_powertools.logging import Logger
from pydantic import BaseModel

from payments import deadline, logs
from payments.api.errors import RouteNotFoundError
from payments.api.problems import problem_document, problem_of
from payments.api.request import PARTS, Request, read_arguments
from payments.settings import settings

logger = Logger()

_OK = 200
_NO_CONTENT = 204
_NOT_MODIFIED = 304
_SERVER_ERROR = 500
_ALLOWED_HEADERS = (
    "Authorization,Content-Type,Idempotency-Key,X-Amz-Date,X-Amz-Security-Token,X-Api-Key"
)
_JSON = {"Content-Type": "application/json"}
_PROBLEM_JSON = {"Content-Type": "application/problem+json"}
_NO_STORE = {"Cache-Control": "no-store"}  # answers may hold a client secret

# API Gateway waits 29 seconds: for the start of the function, the calls, and the answer on its way.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
_LONGEST_SECONDS = 24


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
    answer_model: type[BaseModel] | None

    def __init__(self, method: str, path: str, *, public_for_seconds: int = 0) -> None:
        """public_for_seconds: how long anyone may keep a 200 of this route, for anyone else.

        Otherwise nobody may keep an answer.
        """
        self.method = method
        self.path = path
        self.public_for_seconds = public_for_seconds
        # Provisioned functions are started before anybody waits for them.
        initialization = os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE")
        self._is_cold = initialization != "provisioned-concurrency"

    def endpoint[F: Callable[..., Any]](self, function: F) -> F:
        """Register the function that answers: it returns a model, or a model and a status.

        Where it returns nothing, the answer has no body. The names of its parameters say what it
        needs: see `read_arguments`.
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
            if model and issubclass(model, BaseModel):
                model.model_rebuild()  # now, not on the first request
        return function

    def resolve(self, event: Any, context: object) -> dict[str, Any]:
        """Answer one request, within the time that Lambda and API Gateway leave."""
        started = time.perf_counter()
        cold_start, self._is_cold = self._is_cold, False
        try:
            request = Request(
                event,
                max_body_bytes=settings().max_body_bytes,
                origin_secret=settings().origin_secret,
            )
            ids = {
                "correlation_id": request.id,
                "user_id": request.user_id,
                "actor": request.actor,
                "payment_id": request.payment_id,
            }
            with deadline.of_invocation(context, at_most=_LONGEST_SECONDS), logs.about(**ids):
                response, code = self._answer(request)
                logger.info(
                    "answered",
                    extra={
                        "route": f"{request.method} {request.resource}",
                        "status": response["statusCode"],
                        "code": code,
                        "duration_ms": round((time.perf_counter() - started) * 1000, 1),
                        "cold_start": cold_start,
                    },
                )
                return response
        except Exception as error:  # the event is not from API Gateway
            logger.exception("request could not be read")
            return _response(500, json.dumps(problem_document(error, "")), _PROBLEM_JSON)

    def _answer(self, request: Request) -> tuple[dict[str, Any], str | None]:
        """The answer and, if it is a problem, its code."""
        code = None
        try:
            body, status = self._call_endpoint(request)
            headers: Mapping[str, str] = _JSON if body else {}
            if self.public_for_seconds and status == _OK:
                status, body, headers = self._kept(body, request)
        except Exception as error:  # every error gets an answer
            problem = problem_of(error)
            code, status = problem.code, problem.status
            body = json.dumps(problem_document(error, request.id))
            headers = {**_PROBLEM_JSON, **problem.headers}
            if status >= _SERVER_ERROR:
                logger.exception("request failed")
        return _response(status, body, {**headers, **_cors_headers(request)}), code

    def _kept(self, body: str, request: Request) -> tuple[int, str, dict[str, str]]:
        """An answer that caches may keep, or 304 and no body for who has this very body.

        See https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match
        """
        etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
        kept = {
            "Cache-Control": f"public, max-age={self.public_for_seconds}",
            "ETag": etag,
            "Vary": "Origin",  # whose permission to read it is in the headers
        }
        # CloudFront marks the ETag of what it has compressed as weak, which does not matter here.
        known = (request.header("if-none-match") or "").replace("W/", "").split(",")
        if {etag, "*"} & {each.strip() for each in known}:
            return _NOT_MODIFIED, "", kept
        return _OK, body, {**_JSON, **kept}

    def _call_endpoint(self, request: Request) -> tuple[str, int]:
        if (request.method, request.resource) != (self.method, self.path):
            raise RouteNotFoundError
        result = self.endpoint_function(**read_arguments(request, self.parameters))
        if self.answer_model is None:
            return "", _NO_CONTENT
        model, status = result if isinstance(result, tuple) else (result, _OK)
        return model.model_dump_json(), status


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
        "multiValueHeaders": {name: [value] for name, value in {**_NO_STORE, **headers}.items()},
        "body": body,
        "isBase64Encoded": False,
    }
