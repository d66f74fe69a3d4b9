"""A request, read from the event that API Gateway's REST API sends.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import json
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any

import pydantic

from payments.api.client_address import client_address
from payments.api.errors import (
    BodyTooLargeError,
    IdempotencyKeyMissingError,
    MalformedJsonError,
    NotAuthenticatedError,
    RouteNotFoundError,
    UnsupportedMediaTypeError,
)
from payments.domain.actor import Actor
from payments.domain.client import Client
from payments.domain.customer import DELETION_REQUESTED_GROUP, User
from payments.domain.errors import ValidationError

_JSON = "application/json"
_PATH_PARAMETER = re.compile(r"[-._~()'!*:@,;=+&$%<> \[\]{}|^\w]+")
_PAYMENT_ID = re.compile(r"pay_[0-9A-Za-z]{1,64}")


class Request:
    """One request. Parts that only some endpoints need are read on demand."""

    def __init__(
        self, event: Mapping[str, Any], *, max_body_bytes: int, origin_secret: str = ""
    ) -> None:
        self._event = event
        self._context: Mapping[str, Any] = event["requestContext"]
        self._max_body_bytes = max_body_bytes
        self._origin_secret = origin_secret
        self.id: str = self._context.get("requestId") or ""
        self.method: str = event["httpMethod"]
        self.resource: str | None = event.get("resource") or self._context.get("resourcePath")

    @property
    def user_id(self) -> str | None:
        """The person's id, if the authorizer has verified their token."""
        user_id = self._claims.get("sub")
        return user_id if isinstance(user_id, str) and user_id else None

    @property
    def actor(self) -> str | None:
        """Who calls a route of the merchant, as its authorizer has found out."""
        actor = (self._context.get("authorizer") or {}).get("actor")
        return actor if isinstance(actor, str) and actor else None

    @property
    def payment_id(self) -> str | None:
        """The payment that the path names, if it looks like one."""
        value = (self._event.get("pathParameters") or {}).get("payment_id")
        return value if isinstance(value, str) and _PAYMENT_ID.fullmatch(value) else None

    def path_parameter(self, name: str) -> str:
        """A variable part of the path, which API Gateway has decoded.

        Raises:
            RouteNotFoundError: it is missing, or has characters that no id has.
        """
        value = (self._event.get("pathParameters") or {}).get(name)
        if not isinstance(value, str) or not _PATH_PARAMETER.fullmatch(value):
            raise RouteNotFoundError
        return value

    def query(self) -> dict[str, Any]:
        """Each parameter's value, or all its values if it was sent several times."""
        return self._values("multiValueQueryStringParameters", "queryStringParameters")

    def headers(self) -> dict[str, Any]:
        """Each header's value, by lower-case name; all values if it was sent several times."""
        values = self._values("multiValueHeaders", "headers")
        return {name.lower(): value for name, value in values.items()}

    def header(self, name: str) -> str | None:
        """A header's value, by lower-case name; the last one if it was sent several times."""
        value = self.headers().get(name)
        return value[-1] if isinstance(value, list) else value

    def raw_body(self) -> bytes:
        """The body exactly as it was sent, byte for byte: a signature covers these bytes.

        Raises:
            BodyTooLargeError: it is over the limit.
            MalformedJsonError: it is not text, or its base64 is not valid.
        """
        body: str = self._event.get("body") or ""
        limit = self._max_body_bytes
        if len(body) > 4 * (limit // 3 + 1):  # the limit's length in base64
            raise BodyTooLargeError
        try:
            in_base64 = self._event.get("isBase64Encoded", False)
            raw = b64decode(body, validate=True) if in_base64 else body.encode()
        except ValueError as error:
            raise MalformedJsonError from error
        if len(raw) > limit:
            raise BodyTooLargeError
        return raw

    def json_body(self) -> dict[str, Any]:
        """The body as a JSON object; an empty one if there is no body.

        Raises:
            UnsupportedMediaTypeError: its Content-Type is something else.
            BodyTooLargeError, MalformedJsonError: it is too large, or not a JSON object.
        """
        declared = self.header("content-type")
        if declared is not None and declared.split(";")[0].strip().lower() != _JSON:
            raise UnsupportedMediaTypeError
        try:
            text = self.raw_body().decode() or "{}"
            body = json.loads(text, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise MalformedJsonError from error
        if not isinstance(body, dict):
            raise MalformedJsonError
        return body

    def user(self) -> User:
        """The person whose ID token API Gateway's authorizer has verified.

        Raises:
            NotAuthenticatedError: the route was reached without an authorizer.
        """
        if self.user_id is None:
            raise NotAuthenticatedError
        email, name = (self._claims.get(claim) or "" for claim in ("email", "name"))
        # A number in the token, which API Gateway hands on as text.
        auth_time = str(self._claims.get("auth_time") or "")
        return User(
            user_id=self.user_id,
            email=email,
            name=name,
            auth_time=int(auth_time) if auth_time.isdecimal() else None,
            deletion_requested=DELETION_REQUESTED_GROUP in self._groups,
            # A boolean in the token, which API Gateway hands on as text.
            email_verified=str(self._claims.get("email_verified")).lower() == "true",
        )

    def client(self) -> Client:
        """The machine and the browser that sent the request."""
        identity = self._context.get("identity") or {}
        headers = self.headers()
        user_agent = headers.get("user-agent")
        return Client(
            address=client_address(
                headers, identity.get("sourceIp"), origin_secret=self._origin_secret
            ),
            user_agent=user_agent if isinstance(user_agent, str) else None,
        )

    def caller(self) -> Actor:
        """The member of the staff, or the program, that calls a route of the merchant.

        Raises:
            NotAuthenticatedError: the route was reached without the merchant's authorizer.
        """
        if self.actor is None:
            raise NotAuthenticatedError
        return Actor.parse(self.actor)

    @property
    def _groups(self) -> set[str]:
        """The person's groups, a list in the token, of which API Gateway makes one text."""
        return set(re.split(r"[\[\], ]+", str(self._claims.get("cognito:groups") or "")))

    @property
    def _claims(self) -> Mapping[str, Any]:
        return (self._context.get("authorizer") or {}).get("claims") or {}

    def _values(self, several: str, single: str) -> dict[str, Any]:
        """A value that was sent several times stays a list, and every model field refuses it.

        A null is nothing that was sent.
        """
        values = dict(self._event.get(single) or {})
        for name, each in (self._event.get(several) or {}).items():
            sent = [value for value in each or () if value is not None]
            if sent:
                values[name] = sent[0] if len(sent) == 1 else sent
        return {name: value for name, value in values.items() if value is not None}


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


# In the order in which they are checked.
_MODELS_READ_FROM = {
    "query": Request.query,
    "headers": Request.headers,
    "body": Request.json_body,
}
_READ_LAST = {
    "raw_body": Request.raw_body,
    "user": Request.user,
    "caller": Request.caller,
    "client": Request.client,
}
PARTS = _MODELS_READ_FROM.keys() | _READ_LAST.keys()


def read_arguments(request: Request, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments for an endpoint: a parameter's name says which part of the request it is.

    parameters: names and types. `query`, `headers` and `body` have models, `raw_body` is bytes,
    `user` is the shopper, `caller` whoever calls a route of the merchant, `client` their machine
    and browser; any other is a variable part of the path.

    Raises:
        ValidationError: fields of the query, the headers or the body are wrong, or missing.
        RequestError: a part cannot be read at all.
    """
    arguments: dict[str, Any] = {
        name: request.path_parameter(name) for name in parameters if name not in PARTS
    }
    wrong: list[tuple[str, str]] = []
    for part, read in _MODELS_READ_FROM.items():
        if part in parameters:
            sent = read(request)
            try:
                arguments[part] = parameters[part].model_validate(sent)
            except pydantic.ValidationError as error:
                wrong += _wrong_fields(error, part)
    if wrong:
        raise ValidationError(wrong)
    for part, read_part in _READ_LAST.items():
        if part in parameters:
            arguments[part] = read_part(request)
    return arguments


def _wrong_fields(error: pydantic.ValidationError, part: str) -> Iterator[tuple[str, str]]:
    for each in error.errors(include_url=False, include_input=False):
        field = ".".join(map(str, each["loc"])) or part
        if field == "idempotency-key" and each["type"] == "missing":
            raise IdempotencyKeyMissingError
        yield field, each["msg"].removeprefix("Value error, ")
