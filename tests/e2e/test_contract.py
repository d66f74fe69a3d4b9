"""The deployed API keeps the promises of its OpenAPI document for any request."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.e2e.conftest import Person, World
from tools.openapi.document import DOCUMENT

contract = schemathesis.openapi.from_path(DOCUMENT)


@pytest.fixture(scope="module")
def caller(world: World) -> Person:
    """A person of these tests' own: a request may log them out everywhere."""
    return world.person()


@contract.parametrize()
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_request_gets_an_answer_that_is_not_described(
    case: Case[Any], world: World, caller: Person
) -> None:
    case.call_and_validate(
        base_url=world.stack.api_url,
        headers={"Authorization": f"Bearer {caller.tokens['IdToken']}"},
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_schema_conformance,
        ],
    )


def test_a_request_without_a_token_gets_the_problem_that_is_described(world: World) -> None:
    answer = world.client(None).history()

    assert (answer.status, answer.code) == (401, "not_authenticated")


def test_an_unknown_route_gets_its_problem(world: World) -> None:
    answer = world.client(None).send("GET", "/nothing-here")

    assert (answer.status, answer.code) == (404, "route_not_found")
