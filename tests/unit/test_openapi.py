"""The contract: made from the handlers, complete, and not stale."""

import json

import pytest
from openapi_spec_validator import validate

from payments.api import bodies as api_models
from tests.support.routes import PUBLIC, ROUTES
from tools.openapi import DOCUMENT, EXAMPLES, document


def test_the_document_is_up_to_date() -> None:
    assert json.loads(DOCUMENT.read_text()) == document(), "run: make openapi"


def test_the_document_is_valid_openapi() -> None:
    validate(document())


def test_every_route_is_described() -> None:
    operations = {
        f"{method.upper()} {path}": operation
        for path, item in document()["paths"].items()
        for method, operation in item.items()
    }

    assert operations.keys() == ROUTES.keys()
    for route, operation in operations.items():
        assert operation["summary"]
        assert operation["description"]
        assert operation["security"] == ([{}] if route in PUBLIC else [{"id_token": []}])
        assert min(map(int, operation["responses"])) in {200, 201}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_of_its_schema(name: str) -> None:
    model = getattr(api_models, name)

    assert model.model_validate(EXAMPLES[name]).model_dump(exclude_unset=True).keys() == (
        EXAMPLES[name].keys()
    )
    assert document()["components"]["schemas"][name]["examples"] == [EXAMPLES[name]]


def test_every_problem_of_a_route_has_an_example() -> None:
    contract = document()
    referred = {
        example["$ref"].rsplit("/")[-1]
        for item in contract["paths"].values()
        for operation in item.values()
        for answer in operation["responses"].values()
        for content in answer["content"].values()
        for example in content.get("examples", {}).values()
    }

    assert referred == contract["components"]["examples"].keys()
