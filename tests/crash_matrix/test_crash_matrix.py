"""Wherever a step dies, the client, the webhooks and the reconciler repair it."""

from collections.abc import Callable

import pytest

from tests.crash_matrix import (
    absence,
    accounts,
    background,
    cards,
    merchant,
    money_back,
    orders,
    paying,
    people,
)
from tests.crash_matrix.matrix import PROPERTY, walk
from tests.crash_matrix.scenario import Scenario
from tests.crash_matrix.world import World
from tests.support.routes import STEPS

SCENARIOS = [
    *people.SCENARIOS,
    *accounts.SCENARIOS,
    *cards.SCENARIOS,
    *paying.SCENARIOS,
    *orders.SCENARIOS,
    *absence.SCENARIOS,
    *money_back.SCENARIOS,
    *merchant.SCENARIOS,
    *background.SCENARIOS,
]
_SHOWN = 25


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_step_that_dies_anywhere_is_repaired(
    world: World, scenario: Scenario, record_property: Callable[[str, object], None]
) -> None:
    report = walk(world, scenario)

    record_property(
        PROPERTY,
        (scenario.name, len(report.calls), report.cells, report.moments),
    )
    shown = "\n".join(report.failures[:_SHOWN])
    assert not report.failures, f"{len(report.failures)} ways go wrong:\n{shown}"


def test_every_function_is_in_the_matrix() -> None:
    assert {scenario.function for scenario in SCENARIOS} == set(STEPS)
