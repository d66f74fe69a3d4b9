"""HTTP, in one place: routing, validation, problem+json, CORS and the request log.

Errors are problem documents (RFC 9457). Whatever happens, the answer is one of ours: a use case's
error shows the face it declares in payments.domain.errors, anything unknown is a 500.
"""

import json
from base64 import b64decode
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.logging import Logger
from pydantic import BaseModel

from payments.api.routing import Header, InvalidRequestError, Query, Request, Route
from payments.domain.customer import User
from payments.domain.errors import (
    BodyTooLargeError,
    IdempotencyKeyMissingError,
    InternalError,
    MalformedJsonError,
    NotAuthenticatedError,
    PaymentsError,
    RefusedError,
    RouteNotFoundError,
    UnsupportedMediaTypeError,
    ValidationError,
)
from payments.settings import settings

__all__ = ["App", "Header", "Query", "create_app", "current_user", "problem_document", "raw_body"]

logger = Logger()

_ALLOWED_HEADERS = (
    "Authorization,Content-Type,Idempotency-Key,X-Amz-Date,X-Amz-Security-Token,X-Api-Key"
)
_JSON = "application/json"
_PROBLEM_JSON = "application/problem+json"
_NO_STORE = {"Cache-Control": ["no-store"]}  # answers may hold a client secret
_SERVER_ERROR = 500


class App:
    """The routes of a function. Every answer is logged once, and every failure is a problem."""

    def __init__(self) -> None:
        self.routes: list[Route] = []
        self.request: Request  # the present one

    def get[F: Callable[..., Any]](self, path: str, **promise: Any) -> Callable[[F], F]:
        """Let a function answer `GET`; the promise is for the API's document."""
        return self._route("GET", path, promise)

    def post[F: Callable[..., Any]](self, path: str, **promise: Any) -> Callable[[F], F]:
        """Let a function answer `POST`; the promise is for the API's document."""
        return self._route("POST", path, promise)

    def _route[F: Callable[..., Any]](
        self, method: str, path: str, promise: dict[str, Any]
    ) -> Callable[[F], F]:
        def register(function: F) -> F:
            self.routes.append(Route(method, path, function, promise))
            return function

        return register

    def resolve(self, event: Any, _context: object) -> dict[str, Any]:
        """Answer one request."""
        try:
            self.request = request = Request(event)
            return self._answered(request)
        except Exception:  # the event is none of API Gateway's
            logger.exception("request could not be read")
            problem = problem_document(InternalError(), "")
            return _answer(_SERVER_ERROR, json.dumps(problem), {"Content-Type": _PROBLEM_JSON})

    def _answered(self, request: Request) -> dict[str, Any]:
        code = None
        try:
            value, status = self._result(request)
            text, headers = value.model_dump_json(), {"Content-Type": _JSON}
        except Exception as failure:  # noqa: BLE001 - whatever is raised is answered
            error = _error_of(failure)
            _log_failure(error, request)
            code, status = error.code, error.status
            text = json.dumps(problem_document(error, request.id))
            headers = {"Content-Type": _PROBLEM_JSON} | error.headers()
        logger.info(
            "answered",
            extra={
                "route": f"{request.method} {request.resource}",
                "status": status,
                "code": code,
                "correlation_id": request.id,
            },
        )
        return _answer(status, text, headers | _cors(request))

    def _result(self, request: Request) -> tuple[BaseModel, int]:
        for route in self.routes:
            path = route.match(request)
            if path is not None:
                return route.answer(route.arguments(request, path, _json_body))
        raise RouteNotFoundError


def create_app() -> App:
    """What answers for one function."""
    return App()


def _cors(request: Request) -> dict[str, str]:
    """What lets the stack's allowed origin read the answer."""
    allowed = settings().allowed_origin
    if allowed not in {"*", request.headers.get("origin")}:
        return {}
    return {
        "Access-Control-Allow-Origin": allowed,
        "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
        "Access-Control-Expose-Headers": "Retry-After",
        "Access-Control-Max-Age": "600",
    }


def _log_failure(error: PaymentsError, request: Request) -> None:
    if error.status >= _SERVER_ERROR:
        logger.error(
            "request failed",
            exc_info=error.__cause__ or error,
            extra={"correlation_id": request.id},
        )


def _answer(status: int, body: str, headers: dict[str, str]) -> dict[str, Any]:
    return {
        "statusCode": status,
        "multiValueHeaders": {name: [value] for name, value in headers.items()} | _NO_STORE,
        "body": body,
        "isBase64Encoded": False,
    }


def _error_of(failure: Exception) -> PaymentsError:
    if isinstance(failure, PaymentsError):
        return failure
    if isinstance(failure, InvalidRequestError):
        return _problem_of(failure)
    return InternalError.caused_by(failure)


def _json_body(request: Request) -> dict[str, Any]:
    """The body as a JSON object, of a size that a valid request can have."""
    media_type = request.headers.get("content-type", _JSON).split(";")[0]
    if media_type.strip().lower() != _JSON:
        raise UnsupportedMediaTypeError
    try:
        text = _raw_body_of(request).decode() or "{}"
        body = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedJsonError from error
    if not isinstance(body, dict):
        raise MalformedJsonError
    return body


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def current_user(app: App) -> User:
    """The person whose ID token API Gateway's authorizer has verified.

    Raises:
        NotAuthenticatedError: the route was reached without an authorizer.
    """
    claims = (app.request.context.get("authorizer") or {}).get("claims")
    if not claims or "sub" not in claims:
        raise NotAuthenticatedError
    return User(user_id=claims["sub"], email=claims.get("email", ""), name=claims.get("name", ""))


def raw_body(app: App) -> bytes:
    """The body as it was sent, byte for byte, which is what a signature covers.

    Raises:
        BodyTooLargeError: it is larger than any that is expected.
        MalformedJsonError: it is no text, or the base64 that it came in is none.
    """
    return _raw_body_of(app.request)


def _raw_body_of(request: Request) -> bytes:
    body = request.body
    limit = settings().max_body_bytes
    if len(body) > 4 * (limit // 3 + 1):  # the limit's length in base64
        raise BodyTooLargeError
    try:
        raw = b64decode(body, validate=True) if request.is_base64 else body.encode()
    except ValueError as error:
        raise MalformedJsonError from error
    if len(raw) > limit:
        raise BodyTooLargeError
    return raw


def problem_document(error: PaymentsError, request_id: str) -> dict[str, Any]:
    """The body that tells an error: https://www.rfc-editor.org/rfc/rfc9457"""
    document = {
        "type": f"urn:till:problem:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "instance": request_id,
        "code": error.code,
    }
    document |= error.members()
    if isinstance(error, RefusedError) and error.payment:
        from payments.api.bodies import PaymentResponse  # noqa: PLC0415 - few errors carry one

        document["payment"] = PaymentResponse.of(error.payment, error.intent).model_dump()
    return document


def _problem_of(error: InvalidRequestError) -> PaymentsError:
    fields = []
    for (location, *path), kind, message in error.problems:
        field = ".".join(str(part) for part in path) or str(location)
        if field == "idempotency-key" and kind == "missing":
            return IdempotencyKeyMissingError()
        fields.append((field, message.removeprefix("Value error, ")))
    return ValidationError(fields)
