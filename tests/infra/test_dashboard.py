"""The dashboard: money first, and only what somebody measures."""

import json
import re

import pytest

from tests.support.cloudformation import Deployed, Json
from tests.support.commands import ROOT
from tools.dashboard import DRAWING, draw, series, widgets

GRID = 24
OWN = "till"


@pytest.fixture
def shown(deployed: Deployed) -> list[Json]:
    body = deployed()["Dashboard"]["Properties"]["DashboardBody"]
    found: list[Json] = json.loads(body)["widgets"]
    return found


def test_money_comes_first_then_steps_then_queues_and_tables(shown: list[Json]) -> None:
    assert [each["properties"]["markdown"] for each in shown if each["type"] == "text"] == [
        "# Money",
        "# Steps",
        "# Events and background",
        "# Queues, tables and functions",
    ]
    rows = [each["y"] for each in shown]
    assert rows == sorted(rows)
    titles = [each["properties"].get("title", "") for each in shown]
    assert titles[1:5] == [
        "Payments a minute",
        "Value, by currency, in minor units",
        "Success and decline share",
        "From press to paid",
    ]


def test_no_widget_lies_on_another(shown: list[Json]) -> None:
    taken: set[tuple[int, int]] = set()
    for each in shown:
        columns = range(each["x"], each["x"] + each["width"])
        fields = {(x, y) for x in columns for y in range(each["y"], each["y"] + each["height"])}
        assert not fields & taken, each["properties"]
        assert each["x"] + each["width"] <= GRID
        taken |= fields


def test_what_it_shows_of_our_own_is_measured_by_our_code(shown: list[Json]) -> None:
    sources = [
        path.read_text()
        for folder in ("layers/payments", "functions", "infra")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".yaml"}
    ]
    code = re.sub(r"DashboardBody: !Sub \|\n(?: {8}.*\n)+", "", "\n".join(sources))
    names = set(re.findall(rf'"{OWN}", "(\w+)"', json.dumps(shown)))
    names |= set(re.findall(r'\{"till",[\w,]+\} MetricName="(\w+)"', str(shown)))
    assert {"Payments_amount", "Payments_seconds_to_paid", "StripeEvents"} <= names
    for name in names:
        told = name.removeprefix("Reconcile_") if name.startswith("Reconcile_") else name
        assert f'"{told}"' in code or f'"{told}"' in code.replace("'", '"') or f": {told}\n" in code


def test_each_page_is_shown(shown: list[Json], deployed: Deployed) -> None:
    [alarms] = [each["properties"]["alarms"] for each in shown if each["type"] == "alarm"]
    pages = {
        each["Properties"]["AlarmName"]
        for each in deployed().values()
        if each["Type"] == "AWS::CloudWatch::CompositeAlarm"
    }
    assert {arn.rpartition(":")[2] for arn in alarms} == pages


def test_the_drawing_in_the_docs_is_of_this_dashboard() -> None:
    assert DRAWING.read_text() == draw(widgets()), "run python -m tools.dashboard"


def test_what_is_searched_for_is_drawn_as_each_of_it() -> None:
    [graph] = [each for each in widgets() if each["properties"].get("title") == "5xx, by route"]
    assert series(graph) == ["5XXError, each"]
