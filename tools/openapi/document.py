"""The OpenAPI document: routes and bodies from the handlers, problems from their table.

https://spec.openapis.org/oas/v3.1.0
"""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from payments.api.app import App
from payments.api.bodies.models import HeadersModel, QueryModel
from payments.api.errors import (
    BodyTooLargeError,
    IdempotencyKeyMissingError,
    MalformedJsonError,
    NotAuthenticatedError,
    RouteNotFoundError,
    UnsupportedMediaTypeError,
)
from payments.api.problems import PROBLEMS, problem_document
from payments.domain.errors import (
    AccountBeingDeletedError,
    AccountErasedError,
    CardDeclinedError,
    CurrencyNotOfferedError,
    InvalidTokenError,
    NotAllowedError,
    OrderNotPayableError,
    PaymentMethodInUseError,
    PaymentRefusedError,
    RateLimitedError,
    ServiceUnavailableError,
    ValidationError,
)
from payments.domain.order_line import LineChange
from tools.openapi.examples import EXAMPLES
from tools.openapi.merchant_examples import MERCHANT_EXAMPLES
from tools.openapi.operation import Operation
from tools.openapi.operations import OPERATIONS

type Json = dict[str, Any]

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "openapi.json"

_DESCRIPTION = """\
Payments with Stripe: saved cards, confirmation on the server, 3-D Secure.

Amounts are integers in the currency's minor unit: `1099` is €10.99, or ¥1099. Times are ISO 8601 \
in UTC. Errors are problem documents (RFC 9457) with a stable `code`; `instance` is the request id.
"""
_REQUEST_ID = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
_SCHEMAS = "#/components/schemas"
_TEXT = {"type": "string"}


class _JsonSchema(GenerateJsonSchema):
    """Optional fields may be null, so a default of null is left out."""

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        made = super().default_schema(schema)
        if "default" in made and made["default"] is None:
            del made["default"]
        return made


def make_document() -> Json:
    """The OpenAPI document of the whole API."""
    apps = {step: app_of(step) for step in OPERATIONS}
    paths: dict[str, Json] = {}
    for step, app in apps.items():
        paths.setdefault(app.path, {})[app.method.lower()] = _operation(step, app)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Till", "version": "1.0.0", "description": _DESCRIPTION},
        "servers": [{"url": "/v1"}],
        "paths": paths,
        "components": {
            "schemas": _schemas(list(apps.values())),
            "securitySchemes": {
                "id_token": {
                    "type": "http",
                    "description": "The ID token (not the access token) of the user pool.",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                },
                "merchant": {
                    "type": "http",
                    "description": "The ID token of somebody of the staff, who has logged in with "
                    "a one-time code, or a program's access token with the right scope.",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                },
            },
            "examples": _problem_examples(),
        },
    }


def app_of(step: str) -> App:
    """The app of a step's function."""
    app = importlib.import_module(f"functions.{step}.handler").app
    assert isinstance(app, App)
    return app


def errors_of(app: App, operation: Operation) -> Iterator[type[Exception]]:
    """Every error that the operation may return."""
    yield from (ValidationError, RateLimitedError, Exception, ServiceUnavailableError)
    parts = app.parameters.keys()
    if parts & {"body", "raw_body"}:
        yield from (MalformedJsonError, BodyTooLargeError)
    if "body" in parts:
        yield UnsupportedMediaTypeError
    if "headers" in parts and "idempotency_key" in app.parameters["headers"].model_fields:
        yield IdempotencyKeyMissingError
    if "{" in app.path:
        yield RouteNotFoundError  # for an id with characters that no id has
    if "user" in parts:
        yield from (NotAuthenticatedError, AccountErasedError)
        if not operation.until_erased:
            yield AccountBeingDeletedError
    if "caller" in parts:
        yield from (NotAuthenticatedError, InvalidTokenError, NotAllowedError)
    yield from operation.errors


def _operation(step: str, app: App) -> Json:
    operation = OPERATIONS[step]
    described: Json = {
        "summary": operation.summary,
        "description": operation.description,
        "operationId": step,
    }
    if parameters := list(_parameters(app)):
        described["parameters"] = parameters
    if "body" in app.parameters:
        described["requestBody"] = {"content": _json(app.parameters["body"]), "required": True}
    errors_by_status: dict[int, list[type[Exception]]] = {}
    for error in errors_of(app, operation):
        errors_by_status.setdefault(PROBLEMS[error].status, []).append(error)
    described["responses"] = {
        str(status): {"description": meaning} | _content(app.answer_model)
        for status, meaning in operation.answers.items()
    }
    if app.public_for_seconds:
        described["responses"]["304"] = {
            "description": "`If-None-Match` names what the answer would have been."
        }
    described["responses"] |= {
        str(status): _problem_answer(errors) for status, errors in sorted(errors_by_status.items())
    }
    described["security"] = [_security_of(app)]
    return described


def _security_of(app: App) -> Json:
    if "caller" in app.parameters:
        return {"merchant": []}
    return {"id_token": []} if "user" in app.parameters else {}


def _parameters(app: App) -> Iterator[Json]:
    for name, kind in app.parameters.items():
        if f"{{{name}}}" in app.path:
            schema = _TEXT | {"title": name.replace("_", " ").title()}
            yield {"required": True, "schema": schema, "name": name, "in": "path"}
        elif issubclass(kind, QueryModel | HeadersModel):
            model = kind.model_json_schema(schema_generator=_JsonSchema)
            place = "query" if issubclass(kind, QueryModel) else "header"
            for field, schema in model["properties"].items():
                required = field in model.get("required", ())
                yield {"required": required, "schema": schema, "name": field, "in": place}


def _json(model: type[BaseModel]) -> Json:
    return {"application/json": {"schema": {"$ref": f"{_SCHEMAS}/{model.__name__}"}}}


def _content(model: type[BaseModel] | None) -> Json:
    return {"content": _json(model)} if model else {}


def _problem_answer(errors: list[type[Exception]]) -> Json:
    """The answer for a status that all these errors share."""
    problems = [PROBLEMS[error] for error in errors]
    codes = list(dict.fromkeys(problem.code for problem in problems))
    schema = {"allOf": [{"$ref": f"{_SCHEMAS}/Problem"}, {"properties": {"code": {"enum": codes}}}]}
    examples = {code: {"$ref": f"#/components/examples/{code}"} for code in codes}
    return {
        "description": ". ".join(dict.fromkeys(problem.title for problem in problems)) + ".",
        "content": {"application/problem+json": {"schema": schema, "examples": examples}},
    }


def _schemas(apps: list[App]) -> Json:
    bodies = [app.parameters["body"] for app in apps if "body" in app.parameters]
    answers = [app.answer_model for app in apps if app.answer_model]
    _, made = models_json_schema(
        [(model, "validation") for model in bodies]
        + [(model, "serialization") for model in answers],
        ref_template=f"{_SCHEMAS}/{{model}}",
        schema_generator=_JsonSchema,
    )
    schemas: Json = made["$defs"]
    for name, example in (EXAMPLES | MERCHANT_EXAMPLES).items():
        schemas[name]["examples"] = [example]
    return schemas | {"Problem": _problem_schema()}


def _problem_schema() -> Json:
    return {
        "type": "object",
        "title": "Problem",
        "description": "What went wrong, and what to do about it.",
        "required": ["type", "title", "status", "detail", "instance", "code"],
        "properties": {
            "type": _TEXT | {"description": "`urn:till:problem:` and the code."},
            "title": _TEXT,
            "status": {"type": "integer"},
            "detail": _TEXT | {"description": "A sentence for the person."},
            "instance": _TEXT | {"description": "The request id."},
            "code": _TEXT | {"enum": sorted({problem.code for problem in PROBLEMS.values()})},
            "retryable": {
                "type": "boolean",
                "description": "After a decline: whether another try with the same card may work. "
                "Otherwise: whether the same request may be sent again.",
            },
            "decline_code": _TEXT | {"description": "https://docs.stripe.com/declines/codes"},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["field", "message"],
                    "properties": {"field": _TEXT, "message": _TEXT},
                },
            },
            "payment": {"$ref": f"{_SCHEMAS}/PaymentResponse"},
            "payment_id": _TEXT | {"description": "The payment that the card is needed for."},
            "product_id": _TEXT | {"description": "The product that is not sold."},
            "changes": {
                "type": "array",
                "description": "What has changed since the person saw it.",
                "items": {
                    "type": "object",
                    "required": ["product_id", "change"],
                    "properties": {
                        "product_id": _TEXT,
                        "change": _TEXT | {"enum": ["gone", "price"]},
                        "unit_amount": {"type": "integer", "description": "The price now."},
                    },
                },
            },
        },
    }


def _problem_examples() -> Json:
    """One example for each code."""
    arguments: dict[type[Exception], Json] = {
        ValidationError: {"errors": [("items.0.quantity", "Input should be a valid integer")]},
        CardDeclinedError: {"decline_code": "insufficient_funds"},
        CurrencyNotOfferedError: {"offered": ["eur", "jpy"]},
        OrderNotPayableError: {
            "changes": [
                LineChange("coffee-beans", "price", 1199),
                LineChange("stoneware-mug", "gone"),
            ]
        },
        PaymentMethodInUseError: {"payment_id": "pay_9b0f0e2a6d5c4b3a2f1e0d9c8b7a6f5e"},
        PaymentRefusedError: {"code": None, "param": None},
    }
    return {
        PROBLEMS[error].code: {
            "summary": PROBLEMS[error].title,
            "value": problem_document(error(**arguments.get(error, {})), _REQUEST_ID),
        }
        for error in sorted(PROBLEMS, key=lambda error: PROBLEMS[error].code)
    }
