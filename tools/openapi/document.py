"""The OpenAPI document: routes and bodies from the handlers, problems from their table.

https://spec.openapis.org/oas/v3.1.0
"""

import importlib
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

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
from payments.api.scopes import SCOPES, routes_for
from payments.domain.customer import User
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
    TooManyAttemptsError,
    ValidationError,
)
from payments.domain.order_line import LineChange
from payments.domain.token import MERCHANT, SUPPORT, PersonToken
from tools.openapi.examples import EXAMPLES
from tools.openapi.merchant_examples import MERCHANT_EXAMPLES
from tools.openapi.operation import Operation
from tools.openapi.operations import OPERATIONS
from tools.openapi.schemas import Json, JsonSchema, described, described_field, named_values
from tools.openapi.tags import all_tags, tag_of

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "openapi.json"

_DESCRIPTION = """\
Payments with Stripe: saved cards, confirmation on the server, 3-D Secure.

Amounts are integers in the currency's minor unit: `1099` is €10.99, or ¥1099. Times are ISO 8601 \
in UTC. Errors are problem documents (RFC 9457) with a stable `code`; `instance` is the request id.
"""
_REQUEST_ID = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
_SCHEMAS = "#/components/schemas"
_TEXT: Json = {"type": "string"}
_INTEGER: Json = {"type": "integer"}
_MAY_BE_SENT_AGAIN = (429, 503)
_WAIT = {
    "Retry-After": {
        "description": "The seconds to wait before the same request is sent again.",
        "schema": _INTEGER,
    }
}
_KEPT = {
    "ETag": {"description": "What the answer is known by.", "schema": _TEXT},
    "Cache-Control": {"description": "How long anyone may keep the answer.", "schema": _TEXT},
}


def make_document() -> Json:
    """The OpenAPI document of the whole API."""
    apps = {step: app_of(step) for step in OPERATIONS}
    paths: dict[str, Json] = {}
    for step, app in apps.items():
        paths.setdefault(app.path, {})[app.method.lower()] = _operation(step, app)
    schemas = _schemas(list(apps.values()))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Till",
            "version": "1.0.0",
            "description": _DESCRIPTION,
            "contact": {"name": "The Till authors"},
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/v1", "description": "The stage of the API."}],
        "tags": all_tags(),
        "paths": paths,
        "components": {
            "schemas": schemas | named_values([paths, schemas], _SCHEMAS),
            "securitySchemes": {
                "id_token": {
                    "type": "http",
                    "description": "The ID token (not the access token) of the user pool.",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                },
                "staff": {
                    "type": "http",
                    "description": "The ID token of somebody of the staff, who has logged in with "
                    "a one-time code. The description of a route names the groups that may use it.",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                },
                "program": {
                    "type": "http",
                    "description": "A program's access token, for its client credentials. The "
                    "description of a route names the scope that it needs.",
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
    if "client" in parts:
        yield TooManyAttemptsError
    if "caller" in parts:
        yield from (NotAuthenticatedError, InvalidTokenError, NotAllowedError)
    yield from operation.errors


def _operation(step: str, app: App) -> Json:
    operation = OPERATIONS[step]
    described: Json = {
        "summary": operation.summary,
        "description": operation.description + _rights_for(app),
        "operationId": step,
        "tags": [tag_of(app.path)],
    }
    if parameters := list(_parameters(app)):
        described["parameters"] = parameters
    if "body" in app.parameters:
        described["requestBody"] = {"content": _json(app.parameters["body"]), "required": True}
    if "raw_body" in app.parameters:
        described["requestBody"] = {"content": {"application/json": {"schema": {"type": "object"}}}}
    errors_by_status: dict[int, list[type[Exception]]] = {}
    for error in errors_of(app, operation):
        errors_by_status.setdefault(PROBLEMS[error].status, []).append(error)
    described["responses"] = {
        str(status): {"description": meaning} | _content(app.answer_model)
        for status, meaning in operation.answers.items()
    }
    if app.public_for_seconds:
        described["responses"]["200"]["headers"] = _KEPT
        described["responses"]["304"] = {
            "description": "`If-None-Match` names what the answer would have been.",
            "headers": _KEPT,
        }
    described["responses"] |= {
        str(status): _problem_answer(status, errors)
        for status, errors in sorted(errors_by_status.items())
    }
    described["security"] = _security_of(app)
    return described


def _security_of(app: App) -> list[Json]:
    if "caller" in app.parameters:
        return [{"staff": []}, {"program": []}]
    return [{"id_token": []} if "user" in app.parameters else {}]


def _rights_for(app: App) -> str:
    """Who of the merchant's may use it."""
    if "caller" not in app.parameters:
        return ""
    route = f"{app.method} {app.path}"
    groups = [
        f"`{group}`" for group in (SUPPORT, MERCHANT) if route in routes_for(_member_of(group))
    ]
    scope, staff = SCOPES[route], " and ".join(groups)
    return f"\n\nA program needs the scope `{scope}`. Of the staff, it is for {staff}."


def _member_of(group: str) -> PersonToken:
    user = User(user_id="", email="", name="")
    return PersonToken(user, session="", groups=frozenset({group}), one_time_code=None)


def _parameters(app: App) -> Iterator[Json]:
    for name, kind in app.parameters.items():
        if f"{{{name}}}" in app.path:
            yield _parameter("path", name, kind.__name__, _TEXT, required=True)
        elif issubclass(kind, QueryModel | HeadersModel):
            model = kind.model_json_schema(schema_generator=JsonSchema)
            place = "query" if issubclass(kind, QueryModel) else "header"
            for field, schema in model["properties"].items():
                shown = (
                    "-".join(map(str.capitalize, field.split("-"))) if place == "header" else field
                )
                required = field in model.get("required", ())
                yield _parameter(place, shown, kind.__name__, schema, required=required)
    if app.public_for_seconds:
        yield _parameter("header", "If-None-Match", "", _TEXT, required=False)


def _parameter(place: str, name: str, model: str, schema: Json, *, required: bool) -> Json:
    schema = described_field(model, name, schema, _SCHEMAS)
    described = {"name": name, "in": place, "description": schema.pop("description")}
    return described | {"required": required, "schema": schema}


def _json(model: type[BaseModel]) -> Json:
    return {"application/json": {"schema": {"$ref": f"{_SCHEMAS}/{model.__name__}"}}}


def _content(model: type[BaseModel] | None) -> Json:
    return {"content": _json(model)} if model else {}


def _problem_answer(status: int, errors: list[type[Exception]]) -> Json:
    """The answer for a status that all these errors share."""
    problems = [PROBLEMS[error] for error in errors]
    codes = list(dict.fromkeys(problem.code for problem in problems))
    # Beside the reference, not in an `allOf`: generated clients have one class for all problems.
    schema = {"$ref": f"{_SCHEMAS}/Problem", "properties": {"code": {"enum": codes}}}
    examples = {code: {"$ref": f"#/components/examples/{code}"} for code in codes}
    return {
        "description": ". ".join(dict.fromkeys(problem.title for problem in problems)) + ".",
        **({"headers": _WAIT} if status in _MAY_BE_SENT_AGAIN else {}),
        "content": {"application/problem+json": {"schema": schema, "examples": examples}},
    }


def _schemas(apps: list[App]) -> Json:
    bodies = [app.parameters["body"] for app in apps if "body" in app.parameters]
    answers = [app.answer_model for app in apps if app.answer_model]
    _, made = models_json_schema(
        [(model, "validation") for model in bodies]
        + [(model, "serialization") for model in answers],
        ref_template=f"{_SCHEMAS}/{{model}}",
        schema_generator=JsonSchema,
    )
    schemas = described(made["$defs"] | _problem_schemas(), _SCHEMAS)
    for name, example in (EXAMPLES | MERCHANT_EXAMPLES).items():
        schemas[name]["examples"] = [example]
    return schemas


def _problem_schemas() -> Json:
    codes = sorted({problem.code for problem in PROBLEMS.values()})
    return {
        "Problem": _object(
            "What went wrong, and what to do about it.",
            required=["type", "title", "status", "detail", "instance", "code"],
            type=_TEXT,
            title=_TEXT,
            status=_INTEGER,
            detail=_TEXT,
            instance=_TEXT,
            code=_TEXT | {"enum": codes},
            retryable={"type": "boolean"},
            decline_code=_TEXT,
            errors=_list_of("FieldError"),
            payment={"$ref": f"{_SCHEMAS}/PaymentResponse"},
            payment_id=_TEXT,
            product_id=_TEXT,
            changes=_list_of("LineChange"),
        ),
        "FieldError": _object(
            "A field that is not valid.", required=["field", "message"], field=_TEXT, message=_TEXT
        ),
        "LineChange": _object(
            "What has changed since the person saw it.",
            required=["product_id", "change"],
            product_id=_TEXT,
            change=_TEXT | {"enum": ["gone", "price"]},
            unit_amount=_INTEGER,
        ),
    }


def _object(description: str, *, required: list[str], **properties: Json) -> Json:
    return {
        "type": "object",
        "description": description,
        "required": required,
        "properties": properties,
    }


def _list_of(name: str) -> Json:
    return {"type": "array", "items": {"$ref": f"{_SCHEMAS}/{name}"}}


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
        TooManyAttemptsError: {"wait_seconds": 60},
    }
    return {
        PROBLEMS[error].code: {
            "summary": PROBLEMS[error].title,
            "value": problem_document(error(**arguments.get(error, {})), _REQUEST_ID),
        }
        for error in sorted(PROBLEMS, key=lambda error: PROBLEMS[error].code)
    }
