"""A bad release on the emulated stack: an alarm's condition is met, and the alias goes back."""

from typing import Any

import pytest

from local.aws import session
from tests.e2e.conftest import Person, World
from tests.support.alarms import STACK, Metrics, going_off, paging
from tests.support.releases import release, roll_back

QUIET = {"ReconcileSilentAlarm", "ErasureSilentAlarm"}  # nothing else is measured here
REQUESTS = 6


@pytest.fixture
def lambda_(world: World) -> Any:
    """The emulated Lambda."""
    return session(world.stack.aws_endpoint_url).client("lambda")


def measured(ada: Person) -> tuple[Metrics, set[int]]:
    """What API Gateway measures while somebody uses a route, and the answers' statuses."""
    statuses = [ada.api.history().status for _ in range(REQUESTS)]
    metrics = Metrics()
    failures = [float(status >= 500) for status in statuses]
    route = {"ApiName": STACK, "Stage": "v1", "Method": "GET", "Resource": "/payments"}
    metrics.add("AWS/ApiGateway", "5XXError", *failures, **route)
    metrics.add("AWS/ApiGateway", "5XXError", *failures, ApiName=STACK)
    return metrics, set(statuses)


def test_a_release_that_answers_500_is_rolled_back_by_its_alarm(
    world: World, ada: Person, lambda_: Any
) -> None:
    functions = lambda_.get_paginator("list_functions").paginate().search("Functions[]")
    (name,) = {
        each["FunctionName"]
        for each in functions
        if each["FunctionName"].startswith(f"{world.stack.stack_name}-ListPaymentsFunction")
    }
    metrics, statuses = measured(ada)
    assert (statuses, going_off(metrics) - QUIET) == ({200}, set())
    handler = lambda_.get_function_configuration(FunctionName=name)["Handler"]
    # When
    before = release(lambda_, name, Handler="handler.nothing")
    metrics, statuses = measured(ada)
    # Then the condition is met that CodeDeploy rolls back for, and it is one page
    went_off = going_off(metrics) - QUIET
    assert min(statuses) >= 500
    assert "ReleaseFailsAlarm" in went_off
    assert paging(went_off) == {"PayingPage"}
    # When the alias goes back, the version before answers, whatever $LATEST is
    roll_back(lambda_, name, before)
    metrics, statuses = measured(ada)
    assert (statuses, going_off(metrics) - QUIET) == ({200}, set())
    lambda_.update_function_configuration(FunctionName=name, Handler=handler)
