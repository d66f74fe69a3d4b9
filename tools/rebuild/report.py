"""The report: totals on the screen, and what somebody has to look at in a file."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.rebuild.rebuilding import OUTCOMES, PROBLEMS, Problem, Rebuilder

NOT_MADE = (
    "Not made again, because Stripe does not have it: orders that nobody has paid, the catalogue,"
    " payments and refunds that never reached Stripe, and when people logged out. They come back"
    " with point-in-time recovery: docs/runbooks/restore.md."
)


def totals(rebuilder: Rebuilder, *, minutes: float) -> Iterator[str]:
    """How many there are of each outcome and problem, and what is missing."""
    for outcome, explanation in OUTCOMES.items():
        if rebuilder.counts[outcome]:
            yield f"{rebuilder.counts[outcome]:>8} {explanation}"
    for kind, explanation in PROBLEMS.items():
        if found := [each for each in rebuilder.problems if each.kind == kind]:
            yield f"{len(found):>8} times: {explanation} ({kind})"
    yield f"It took {minutes:.1f} minutes."
    yield NOT_MADE


def write_problems(path: Path, problems: Sequence[Problem]) -> None:
    """Write what is to be looked at. No address and no name is in it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("kind", "id", "detail", "explanation"))
        for each in problems:
            rows.writerow((each.kind, each.object_id, each.detail, PROBLEMS[each.kind]))
