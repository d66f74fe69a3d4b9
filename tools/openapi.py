"""`python -m tools.openapi`: write docs/openapi.json, made from the handlers themselves."""

import importlib
import inspect
import json
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, get_args

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi import params
from aws_lambda_powertools.event_handler.openapi.merge import OpenAPIMerge
from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer, SecurityScheme

from payments.api.app import App, problem_document
from payments.api.contract import problem
from payments.api.routing import Header, Query, Route
from payments.domain import errors
from payments.domain.errors import PaymentsError

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "openapi.json"

_DESCRIPTION = """\
Payments with Stripe: saved cards, confirmation on the server, 3-D Secure.

Amounts are integers in the currency's minor unit: `1099` is €10.99, and ¥1099. Times are ISO 8601 \
in UTC. Errors are problem documents (RFC 9457) with a stable `code`; `instance` is the request id.
"""

_SECURITY_SCHEMES: dict[str, SecurityScheme] = {
    "id_token": HTTPBearer(
        bearerFormat="JWT", description="The ID token (not the access token) of the user pool."
    )
}

# The resolver describes its own error bodies, which this API never sends.
_UNUSED_SCHEMAS = ("HTTPValidationError", "ValidationError", "ResponseValidationError")

_PAYMENT_METHOD = {
    "payment_method_id": "pm_1QxJq2eZvKYlo2C0",
    "type": "card",
    "brand": "visa",
    "last4": "4242",
    "exp_month": 7,
    "exp_year": 2039,
    "expired": False,
    "cardholder_name": "Ada Lovelace",
    "created_at": "2026-11-23T04:43:16.000Z",
}
_PAYMENT = {
    "payment_id": "pay_9b0f0e2a6d5c4b3a2f1e0d9c8b7a6f5e",
    "payment_intent_id": "pi_3QxJr5eZvKYlo2C0",
    "status": "requires_confirmation",
    "amount": 1099,
    "currency": "eur",
    "product_id": "coffee-beans",
    "quantity": 1,
    "payment_method_id": "pm_1QxJq2eZvKYlo2C0",
    "next_action": None,
    "client_secret": "pi_3QxJr5eZvKYlo2C0_secret_of_its_owner",
    "last_payment_error": None,
    "amount_refunded": 0,
    "dispute_status": None,
    "created_at": "2026-11-23T04:43:16.000Z",
    "updated_at": "2026-11-23T04:43:16.250Z",
}
# Paid after the bank's challenge, and a part of it given back a week later.
_HISTORY = [
    {
        "at": "2026-11-23T04:43:16.250Z",
        "from_status": "pending",
        "to_status": "requires_confirmation",
        "by": "create",
    },
    {
        "at": "2026-11-23T04:43:19.120Z",
        "from_status": "requires_confirmation",
        "to_status": "requires_action",
        "by": "confirm",
    },
    {
        "at": "2026-11-23T04:43:52.871Z",
        "from_status": "requires_action",
        "to_status": "succeeded",
        "by": "confirm",
    },
    {
        "at": "2026-11-30T09:12:05.404Z",
        "from_status": "succeeded",
        "to_status": "partially_refunded",
        "by": "webhook",
    },
]
_PRODUCT = {
    "product_id": "coffee-beans",
    "name": "House coffee, 250 g",
    "description": "Medium roast.",
    "image_url": "/images/products/coffee-beans.svg",
    "prices": {"eur": 1099, "jpy": 1800, "kwd": 3690},
}
EXAMPLES: dict[str, dict[str, Any]] = {
    "SignupRequest": {
        "email": "ada@example.com",
        "password": "Analytical-Engine-1843",
        "name": "Ada Lovelace",
        "phone": "+447700900123",
        "birthdate": "1985-12-10",
        "gender": "female",
    },
    "SignupResponse": {
        "user_id": "5f0f8a52-6a1d-4a43-9c1b-1d2f3e4a5b6c",
        "email": "ada@example.com",
        "confirmation_required": True,
    },
    "ProductListResponse": {"data": [_PRODUCT]},
    "AttachPaymentMethodRequest": {"payment_method_id": "pm_1QxJq2eZvKYlo2C0"},
    "PaymentMethodResponse": _PAYMENT_METHOD,
    "PaymentMethodListResponse": {"data": [_PAYMENT_METHOD], "next_cursor": None},
    "CreatePaymentRequest": {
        "product_id": "coffee-beans",
        "quantity": 1,
        "currency": "eur",
        "payment_method_id": "pm_1QxJq2eZvKYlo2C0",
    },
    "ConfirmPaymentRequest": {"cvc_token": "cvctok_1QxJs8eZvKYlo2C0"},
    "PaymentResponse": _PAYMENT,
    "PaymentDetailsResponse": _PAYMENT
    | {
        "status": "succeeded",
        "amount_refunded": 400,
        "updated_at": "2026-11-30T09:12:05.404Z",
        "history": _HISTORY,
    },
    "PaymentListResponse": {"data": [_PAYMENT | {"client_secret": None}], "next_cursor": None},
    "EventResponse": {"outcome": "recorded"},
}


def document() -> dict[str, Any]:
    """The OpenAPI document of the whole API."""
    merge = OpenAPIMerge(
        title="Till", version="1.0.0", description=_DESCRIPTION, on_conflict="error"
    )
    for handler in sorted((ROOT / "functions").glob("*/handler.py")):
        module = importlib.import_module(f"functions.{handler.parent.name}.handler")
        app = getattr(module, "app", None)
        if app is None:  # nobody reaches it over HTTP
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # each document's own version, which the merge sets
            resolver = _described(app)
            merge.add_schema(
                json.loads(resolver.get_openapi_json_schema(security_schemes=_SECURITY_SCHEMES))
            )
    merged = merge.get_openapi_schema()
    merged["servers"] = [{"url": "/v1"}]
    components = merged["components"]
    for name in _UNUSED_SCHEMAS:
        del components["schemas"][name]
    for path in merged["paths"].values():
        for operation in path.values():
            operation["responses"]["500"] = problem([errors.InternalError])
    for name, example in EXAMPLES.items():
        components["schemas"][name]["examples"] = [example]
    problems = {error.code: error for error in _leaves(PaymentsError)}
    components["schemas"]["Problem"] = _problem_schema(sorted(problems))
    components["examples"] = {code: _example(problems[code]) for code in sorted(problems)}
    return merged


def _described(app: App) -> APIGatewayRestResolver:
    """The app's routes as Powertools' resolver knows how to describe them."""
    resolver = APIGatewayRestResolver(enable_validation=True)
    for route in app.routes:
        resolver.route(route.path, method=route.method, **route.promise)(_as_for_powertools(route))
    return resolver


def _as_for_powertools(route: Route) -> Callable[..., Any]:
    """The route's function with the constraints of its parameters said in Powertools' words."""

    def function() -> None: ...

    signature = inspect.signature(route.function)
    parameters = [
        parameter.replace(annotation=_annotation_for_powertools(parameter.annotation))
        for parameter in signature.parameters.values()
    ]
    function.__name__ = route.function.__name__
    function.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return function


def _annotation_for_powertools(annotation: Any) -> Any:
    marker = next((one for one in get_args(annotation) if isinstance(one, Query | Header)), None)
    if marker is None:
        return annotation
    kind = params.Query if isinstance(marker, Query) else params.Header
    return Annotated[get_args(annotation)[0], kind(**marker.constraints)]


def _leaves(error: type[PaymentsError]) -> Iterator[type[PaymentsError]]:
    for subclass in error.__subclasses__():
        if "code" in vars(subclass):
            yield subclass
        yield from _leaves(subclass)


def _problem_schema(codes: list[str]) -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "type": "object",
        "title": "Problem",
        "description": "What went wrong, and what to do about it.",
        "required": ["type", "title", "status", "detail", "instance", "code"],
        "properties": {
            "type": text | {"description": "`urn:till:problem:` and the code."},
            "title": text,
            "status": {"type": "integer"},
            "detail": text | {"description": "A sentence for the person at the other end."},
            "instance": text | {"description": "The request id."},
            "code": text | {"enum": codes},
            "retryable": {
                "type": "boolean",
                "description": "On a decline: whether the same card may do on a second try. "
                "Otherwise: whether the same request may be sent again.",
            },
            "decline_code": text | {"description": "https://docs.stripe.com/declines/codes"},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["field", "message"],
                    "properties": {"field": text, "message": text},
                },
            },
            "payment": {"$ref": "#/components/schemas/PaymentResponse"},
        },
    }


def _example(error: type[PaymentsError]) -> dict[str, Any]:
    arguments: dict[type[PaymentsError], dict[str, Any]] = {
        errors.ValidationError: {"errors": [("quantity", "Input should be a valid integer")]},
        errors.CardDeclinedError: {"decline_code": "insufficient_funds"},
        errors.CurrencyNotOfferedError: {"offered": ["eur", "jpy"]},
    }
    example = error(**arguments.get(error, {}))
    request_id = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
    return {"summary": error.title, "value": problem_document(example, request_id)}


def main() -> None:
    """Write the document."""
    DOCUMENT.write_text(json.dumps(document(), indent=2, ensure_ascii=False) + "\n")
    print(f"Wrote {DOCUMENT.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
