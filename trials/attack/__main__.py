"""`make attack`: card testers for SECONDS (15) each, on a stack of its own on this machine.

`--report FILE.md` writes the figures between the page's two comments.
"""

import argparse
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from httpx import HTTPError

from local import StackError, running_stack
from local.paths import LOCAL
from local.processes import StopRequestedError, Supervisor
from local.progress import Progress
from trials.attack.attack import SCENARIOS, Result, attack
from trials.attack.shop import shop_of

_DEFAULT_SECONDS, _MOST_SECONDS = 15, 120
_BEGIN, _END = "<!-- make attack -->", "<!-- end -->"


def main() -> int:
    """Play the attack and return the exit code: 0 only if all limits held."""
    parser = argparse.ArgumentParser(description="Play card testers against a stack of its own.")
    parser.add_argument("--report", type=Path, help="a page to write the figures to")
    page = parser.parse_args().report
    seconds = int(os.environ.get("SECONDS") or _DEFAULT_SECONDS)
    if not 1 <= seconds <= _MOST_SECONDS:
        sys.stderr.write(f"SECONDS must be between 1 and {_MOST_SECONDS}.\n")
        return 1
    progress = Progress(sys.stdout)
    supervisor = Supervisor(on_wait=progress.tick)
    supervisor.stop_on_signals()
    results: list[Result] = []
    try:
        with (
            running_stack(LOCAL / "attack", supervisor=supervisor, progress=progress) as stack,
            shop_of(stack) as shop,
        ):
            for scenario in SCENARIOS:
                with progress.step(f"{scenario.name}, for {seconds} s"):
                    results.append(
                        attack(
                            shop, scenario, seconds=seconds, interrupted=supervisor.stop_requested
                        )
                    )
                progress.line(_row(results[-1]))
                supervisor.check()
    except StopRequestedError:
        progress.line("\nStopped.")
        return 130
    except (StackError, HTTPError) as error:
        sys.stderr.write(f"\n{type(error).__name__}: {error}\n")
        return 1
    figures = list(_figures(results))
    progress.line("\n".join(["", *figures, ""]))
    if page:
        _write(page, figures, seconds)
    return 0 if all(result.held for result in results) else 1


def _figures(results: Sequence[Result]) -> Iterator[str]:
    yield "| card testers | tried | reached a bank | policy | honest shoppers served |"
    yield "|---|---|---|---|---|"
    yield from map(_row, results)


def _row(result: Result) -> str:
    served = f"{result.honest[True]} of {result.honest.total()} ({result.served:.0%})"
    tried = f"{result.tried:,} | {result.accepted:,} | ≤ {result.policy:,}"
    return f"| {result.scenario.name} | {tried} | {served} |"


def _write(page: Path, figures: Sequence[str], seconds: int) -> None:
    told = f"Each ran for {seconds} seconds on a laptop, beside one honest shopper a second."
    block = "\n".join([_BEGIN, told, "", *figures, _END])
    text = page.read_text()
    page.write_text(re.sub(f"{_BEGIN}.*{_END}", lambda _: block, text, flags=re.DOTALL))


if __name__ == "__main__":
    sys.exit(main())
