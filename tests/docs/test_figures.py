"""Figures on the pages: those of the benchmark are the benchmark's, and sums add up."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, name_of, paragraphs
from tests.support.routes import ROUTES
from tests.unit.test_reconciliation_keeps_up import RUNS

BENCHMARKS = ROOT / "docs" / "benchmarks.md"
DEPLOY = (ROOT / "docs" / "deploy.md").read_text()
SCALE = (ROOT / "docs" / "scale.md").read_text()
# Decisions are dated: they quote the measurements of that time.
QUOTING = [page for page in PAGES if page != BENCHMARKS and page.parent.name != "decisions"]

_FIGURE = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?= ?(?:ms|MB|kB|µs|times)\b)")
_OWN_SECONDS = 0.01  # what docs/deploy.md counts for our own part of a request


def cells(line: str) -> list[str]:
    return [cell.strip().strip("*") for cell in line.strip("|").split("|")]


def number(cell: str) -> float:
    return float(cell.replace(",", ""))


def test_the_readme_can_be_read_in_five_minutes() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150


@pytest.mark.parametrize("page", QUOTING, ids=name_of)
def test_a_figure_of_the_benchmark_is_on_its_page(page: Path) -> None:
    measured = set(re.findall(r"\d[\d,]*(?:\.\d+)?", BENCHMARKS.read_text()))
    for paragraph in paragraphs(page):
        if "benchmarks.md" in paragraph:
            assert set(_FIGURE.findall(paragraph)) <= measured, paragraph


def test_no_step_takes_more_of_our_own_time_than_the_costs_count() -> None:
    lines = BENCHMARKS.read_text().splitlines()
    (heading,) = [line for line in lines if "floor ms" in line]  # that of the warm requests
    column = cells(heading).index("CPU ms")
    steps = {path.parent.name for path in ROOT.glob("functions/*/handler.py")}
    warm = [
        number(row[column])
        for row in map(cells, lines)
        if row[0] in steps and len(row) == len(cells(heading))
    ]
    assert len(warm) >= 8
    assert max(warm) <= _OWN_SECONDS * 1000


def test_the_costs_of_a_month_add_up() -> None:
    table = DEPLOY.split("### A month\n", 1)[1].split("\n\n- ", 1)[0]
    rows = {row[0]: row[1:] for row in map(cells, table.splitlines()) if len(row) == 5}

    def at(name: str, column: int) -> float:
        (found,) = [row for label, row in rows.items() if label.startswith(name)]
        return number(found[column])

    names = list(rows)
    parts = names[2 : names.index("without Cognito")]
    for column in (1, 2, 3):
        base = sum(number(rows[name][column]) for name in parts)
        assert at("without Cognito", column) == pytest.approx(base, abs=0.06)
        essentials = at("without Cognito", column) + at("[Cognito]", column)
        assert at("with *Essentials", column) == pytest.approx(essentials, abs=0.02)
        lite = at("without Cognito", column) + at("or *Lite", column)
        assert at("with *Lite", column) == pytest.approx(lite, abs=0.02)


def test_every_route_is_in_the_costs_of_the_metrics() -> None:
    (routes,) = re.findall(r"CloudWatch metrics: (\d+) routes", DEPLOY)
    assert int(routes) == len(ROUTES)


def test_the_costs_of_one_payment_add_up() -> None:
    section = DEPLOY.split("### One payment\n", 1)[1].split("### A month\n", 1)[0]
    rows = [row for row in map(cells, section.splitlines()) if len(row) == 4]
    routes = [row for row in rows if re.match(r"`|webhook", row[0])]
    for row in routes:
        assert number(row[1]) * number(row[2]) == pytest.approx(number(row[3]), abs=0.006)
    (requests,) = [row for row in rows if row[0] == "API requests"]
    assert number(requests[1]) == sum(number(row[1]) for row in routes)
    assert number(requests[3]) == pytest.approx(sum(number(row[3]) for row in routes), abs=0.03)


def test_what_is_simulated_is_what_the_page_says() -> None:
    rows = [cells(line) for line in SCALE.splitlines() if re.match(r"\| (100|25) \| in ", line)]
    told = {
        int(limit): (_runs_in(looked_at), _runs_in(cancelled))
        for limit, _, looked_at, cancelled in rows
    }
    assert told == RUNS


def _runs_in(cell: str) -> int:
    (runs,) = re.findall(r"in (\d+) runs", cell)
    return int(runs)
