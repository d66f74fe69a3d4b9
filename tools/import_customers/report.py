"""The report: a CSV beside the file, and totals on the screen."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from tools.import_customers.importing import OUTCOMES, Outcome


def report_beside(file: Path) -> Path:
    """Where the report of a file goes."""
    return file.with_name(f"{file.stem}.report.csv")


def write_report(path: Path, outcomes: Iterable[Outcome]) -> Counter[str]:
    """Write each outcome as soon as it is known, and count. No address is written.

    A row that came out otherwise in the end is there twice; the last one holds.
    """
    last: dict[str | int, str] = {}
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("line", "id", "outcome", "explanation"))
        for each in outcomes:
            line = each.line
            rows.writerow(
                (line.number, line.stripe_customer_id, each.outcome, OUTCOMES[each.outcome])
            )
            file.flush()
            last[line.number] = each.outcome
    return Counter(last.values())


def totals(counts: Counter[str]) -> Iterator[str]:
    """How many there are of each outcome."""
    for outcome, explanation in OUTCOMES.items():
        if counts[outcome]:
            yield f"{counts[outcome]:>8} {outcome}: {explanation}"
