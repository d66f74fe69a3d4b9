"""HTTP, in one place: routing, validation, problem+json, CORS and the request log.

Errors are problem documents (RFC 9457). Whatever happens, the answer is one of ours: a use case's
error shows the face it declares in payments.errors, anything unknown is a 500 without its inside.
"""

import json
from base64 import b64decode
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.middlewares.openapi_validation import (
    OpenAPIRequestValidationMiddleware,
)
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestValidationError,
)
from aws_lambda_powertools.utilities.typing import LambdaContext

from payments.api_models import PaymentResponse
from payments.errors import (
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
from payments.models import User
from payments.settings import settings

__all__ = ["create_app", "current_user", "problem_document", "raw_body"]

logger = Logger()

_ALLOWED_HEADERS = ["Authorization", "Content-Type", "Idempotency-Key"]
_PROBLEM_JSON = "application/problem+json"
_NO_STORE = {"Cache-Control": ["no-store"]}  # answers may hold a client secret
_SERVER_ERROR = 500


class _AllowedOrigin(CORSConfig):
    """Answers with the stack's allowed origin, read with the first request, not at import."""

    def __init__(self) -> None:
        super().__init__(
            allow_headers=_ALLOWED_HEADERS, expose_headers=["Retry-After"], max_age=600
        )

    def allowed_origin(self, extracted_origin: str) -> str | None:
        allowed = settings().allowed_origin
        return allowed if allowed in {"*", extracted_origin} else None


class _JsonBody(OpenAPIRequestValidationMiddleware):
    """Lets JSON objects through, of a size that a valid request can have."""

    def _get_body(self, app: Any) -> dict[str, Any]:
        event = app.current_event
        media_type = event.headers.get("content-type", "application/json").split(";")[0]
        if media_type.strip().lower() != "application/json":
            raise UnsupportedMediaTypeError
        try:
            text = raw_body(app).decode() or "{}"
            body = json.loads(text, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise MalformedJsonError from error
        if not isinstance(body, dict):
            raise MalformedJsonError
        return body


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


class _App(APIGatewayRestResolver):
    """A resolver whose every answer is logged once, and whose every failure is a problem."""

    def __init__(self) -> None:
        super().__init__(
            cors=_AllowedOrigin(), enable_validation=True, response_validation_error_http_code=500
        )
        self._request_validation_middleware = _JsonBody()  # type: ignore[no-untyped-call]
        self.problem_code: str | None = None

    def resolve(self, event: Any, context: LambdaContext) -> dict[str, Any]:
        """Answer one request."""
        self.problem_code = None
        try:
            answer = super().resolve(event, context)
            request_id = self.current_request_id
        except Exception:  # the event is none of API Gateway's
            logger.exception("request could not be read")
            return {
                "statusCode": _SERVER_ERROR,
                "multiValueHeaders": {"Content-Type": [_PROBLEM_JSON]} | _NO_STORE,
                "body": json.dumps(problem_document(InternalError(), "")),
                "isBase64Encoded": False,
            }
        answer["multiValueHeaders"] |= _NO_STORE
        logger.info(
            "answered",
            extra={
                "route": f"{event['httpMethod']} {event.get('resource')}",
                "status": answer["statusCode"],
                "code": self.problem_code,
                "correlation_id": request_id,
            },
        )
        return answer

    @property
    def current_request_id(self) -> str:
        """The id that API Gateway gave the request."""
        return self.current_event.request_context.request_id or ""

    def problem(self, error: PaymentsError) -> Response[str]:
        """The answer that an error declares."""
        self.problem_code = error.code
        if error.status >= _SERVER_ERROR:
            logger.error(
                "request failed",
                exc_info=error.__cause__ or error,
                extra={"correlation_id": self.current_request_id},
            )
        return Response(
            status_code=error.status,
            content_type=_PROBLEM_JSON,
            body=json.dumps(problem_document(error, self.current_request_id)),
            headers=dict(error.headers()),
        )


def create_app() -> APIGatewayRestResolver:
    """A resolver for one function's route."""
    app = _App()
    app.exception_handler(PaymentsError)(app.problem)
    app.exception_handler(RequestValidationError)(lambda error: app.problem(_problem_of(error)))
    app.exception_handler(NotFoundError)(lambda _: app.problem(RouteNotFoundError()))
    app.exception_handler(Exception)(lambda error: app.problem(InternalError.caused_by(error)))
    return app


def current_user(app: APIGatewayRestResolver) -> User:
    """The person whose ID token API Gateway's authorizer has verified.

    Raises:
        NotAuthenticatedError: the route was reached without an authorizer.
    """
    claims = app.current_event.request_context.authorizer.claims
    if not claims or "sub" not in claims:
        raise NotAuthenticatedError
    return User(user_id=claims["sub"], email=claims.get("email", ""), name=claims.get("name", ""))


def raw_body(app: Any) -> bytes:
    """The body as it was sent, byte for byte, which is what a signature covers.

    Raises:
        BodyTooLargeError: it is larger than any that is expected.
        MalformedJsonError: it is no text, or the base64 that it came in is none.
    """
    event = app.current_event
    body = event.body or ""
    limit = settings().max_body_bytes
    if len(body) > 4 * (limit // 3 + 1):  # the limit's length in base64
        raise BodyTooLargeError
    try:
        raw = b64decode(body, validate=True) if event.is_base64_encoded else body.encode()
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
        document["payment"] = PaymentResponse.of(error.payment, error.intent).model_dump()
    return document


def _problem_of(error: RequestValidationError) -> PaymentsError:
    fields = []
    for problem in error.errors():
        location, *path = problem["loc"]
        field = ".".join(str(part) for part in path) or location
        if field == "idempotency-key" and problem["type"] == "missing":
            return IdempotencyKeyMissingError()
        fields.append((field, problem["msg"].removeprefix("Value error, ")))
    return ValidationError(fields)
