"""The OpenAPI document: made from the handlers, complete, and not stale."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import validate

from payments.api.bodies import (
    account,
    cards,
    export,
    merchant_payments,
    orders,
    payments,
    products,
    refunds,
    signup,
    webhook,
)
from payments.api.problems import PROBLEMS
from payments.api.scopes import SCOPES
from tests.support.commands import ROOT
from tests.support.routes import MERCHANTS, PUBLIC, ROUTES
from tools.openapi.document import DOCUMENT, app_of, errors_of, make_document
from tools.openapi.examples import EXAMPLES
from tools.openapi.merchant_examples import MERCHANT_EXAMPLES
from tools.openapi.operations import OPERATIONS

type Json = dict[str, Any]

ALL_EXAMPLES = EXAMPLES | MERCHANT_EXAMPLES


def test_the_document_is_up_to_date() -> None:
    assert json.loads(DOCUMENT.read_text()) == make_document(), "run: make openapi"


def test_the_document_is_valid_openapi() -> None:
    validate(make_document())


def test_every_route_is_described() -> None:
    operations = {
        f"{method.upper()} {path}": operation
        for path, item in make_document()["paths"].items()
        for method, operation in item.items()
    }

    assert operations.keys() == ROUTES.keys()
    for route, operation in operations.items():
        assert operation["operationId"] == ROUTES[route]
        assert operation["summary"]
        assert operation["description"]
        assert operation["tags"]
        if route in MERCHANTS:
            assert operation["security"] == [{"staff": []}, {"program": []}]
            assert f"`{SCOPES[route]}`" in operation["description"]
        else:
            assert operation["security"] == [{} if route in PUBLIC else {"id_token": []}]
        assert min(map(int, operation["responses"])) in {200, 201, 202, 204}


@pytest.mark.parametrize("name", ALL_EXAMPLES)
def test_an_example_is_of_its_schema(name: str) -> None:
    subjects = (
        account,
        cards,
        export,
        merchant_payments,
        orders,
        payments,
        products,
        refunds,
        signup,
        webhook,
    )
    (model,) = {vars(subject)[name] for subject in subjects if name in vars(subject)}

    assert model.model_validate(ALL_EXAMPLES[name]).model_dump(exclude_unset=True).keys() == (
        ALL_EXAMPLES[name].keys()
    )
    assert make_document()["components"]["schemas"][name]["examples"] == [ALL_EXAMPLES[name]]


def fields(schemas: Json) -> Iterator[tuple[str, Json]]:
    """Each field of each schema, with its name and that of the schema."""
    for name, schema in schemas.items():
        for field, made in schema.get("properties", {}).items():
            yield f"{name}.{field}", made


def operations() -> Iterator[tuple[str, Json]]:
    """Each operation of the document, with its id."""
    for item in make_document()["paths"].values():
        for operation in item.values():
            yield operation["operationId"], operation


def test_every_field_and_parameter_says_what_it_means() -> None:
    described = dict(fields(make_document()["components"]["schemas"]))
    described |= {
        f"{step}.{parameter['name']}": parameter
        for step, operation in operations()
        for parameter in operation.get("parameters", ())
    }

    assert [name for name, made in described.items() if not made["description"]] == []


def test_a_time_is_a_time_also_where_it_may_be_missing() -> None:
    made = dict(fields(make_document()["components"]["schemas"]))
    time = {"type": "string", "format": "date-time"}

    for name in ("PaymentResponse.created_at", "StatusChangeResponse.at"):
        assert made[name].items() >= time.items()
    for name in ("PaymentResponse.capture_before", "CreateOrderRequest.expires_at"):
        assert time in made[name]["anyOf"]


def test_fixed_values_are_listed() -> None:
    schemas = make_document()["components"]["schemas"]
    reference = {"$ref": "#/components/schemas/DisputeStatus"}

    assert schemas["PaymentResponse"]["properties"]["dispute_status"]["anyOf"][0] == reference
    assert {"won", "lost", "needs_response"} <= set(schemas["DisputeStatus"]["enum"])
    assert {"pending", "succeeded", "lost_at_stripe"} <= set(schemas["PaymentStatus"]["enum"])
    assert {"refunded", "dispute_lost", "hold_expired"} <= set(schemas["HistoryStatus"]["enum"])
    assert {"create", "webhook", "reconcile"} <= set(schemas["HistoryStep"]["enum"])
    assert schemas["OrderStatus"]["enum"] == ["open", "paid", "expired", "canceled"]
    assert "rate_limited" in schemas["Problem"]["properties"]["code"]["enum"]


def test_each_status_of_a_route_lists_its_codes() -> None:
    described = dict(operations())["confirm_payment_intent"]["responses"]["402"]
    schema = described["content"]["application/problem+json"]["schema"]

    assert schema == {
        "$ref": "#/components/schemas/Problem",
        "properties": {"code": {"enum": ["card_declined", "authentication_failed"]}},
    }


def test_headers_are_written_in_one_way() -> None:
    sent = {
        parameter["name"]
        for _, operation in operations()
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "header"
    }
    answered = {
        header
        for _, operation in operations()
        for answer in operation["responses"].values()
        for header in answer.get("headers", ())
    }

    assert sent == {"Idempotency-Key", "If-None-Match", "Stripe-Signature"}
    assert answered == {"Retry-After", "ETag", "Cache-Control"}


def test_every_problem_of_a_route_has_an_example() -> None:
    document = make_document()
    referred = {
        example["$ref"].rsplit("/")[-1]
        for item in document["paths"].values()
        for operation in item.values()
        for answer in operation["responses"].values()
        for content in answer.get("content", {}).values()
        for example in content.get("examples", {}).values()
    }

    assert referred == document["components"]["examples"].keys()


def test_every_problem_may_come_of_some_operation() -> None:
    named = {
        error for step, words in OPERATIONS.items() for error in errors_of(app_of(step), words)
    }

    assert named == PROBLEMS.keys()


def test_what_functions_load_holds_no_words_of_the_document() -> None:
    loaded = [*ROOT.glob("layers/payments/**/*.py"), *ROOT.glob("functions/**/*.py")]
    source = "".join(path.read_text() for path in loaded)

    assert "tools" not in re.findall(r"^(?:from|import) (\w+)", source, re.MULTILINE)
    for operation in OPERATIONS.values():
        assert operation.description not in source
