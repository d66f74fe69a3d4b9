"""The OpenAPI document: made from the handlers, complete, and not stale."""

import json
import re

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
from tests.support.commands import ROOT
from tests.support.routes import MERCHANTS, PUBLIC, ROUTES
from tools.openapi.document import DOCUMENT, app_of, errors_of, make_document
from tools.openapi.examples import EXAMPLES
from tools.openapi.merchant_examples import MERCHANT_EXAMPLES
from tools.openapi.operations import OPERATIONS

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
        scheme = "merchant" if route in MERCHANTS else "id_token"
        assert operation["security"] == [{} if route in PUBLIC else {scheme: []}]
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
