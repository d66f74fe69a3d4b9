"""`python -m tools.import_customers`: make existing Stripe customers the people's own.

Variables say what to do. FILE=customers.csv has the customers: docs/import.md says how. Without
APPLY=1 nothing is changed. STAGE=dev, staging or prod says where; without it, it is the running
laptop stack.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from payments import wiring
from payments.domain.errors import PaymentsError
from tools.environment import function_environment
from tools.import_customers.file import FileError, read_lines
from tools.import_customers.importing import Importer
from tools.import_customers.report import report_beside, totals, write_report
from tools.stages import StageError

if TYPE_CHECKING:
    from payments.repositories.imports import ImportsRepository

USAGE = "Name the customers: make import-customers FILE=customers.csv (and STAGE=…, APPLY=1)."
OFF = (
    "EmailVerification is off in this stack: anybody could sign up with a customer's address and"
    " get their cards. Nothing was imported."
)
# Stripe allows 25 a second with a test key and 100 with a live one. The shop goes on meanwhile.
_REQUESTS_PER_SECOND = 15


def main(environment: Mapping[str, str]) -> int:
    """Import the customers, or show what that would do, and return the exit code."""
    try:
        file, apply = _asked(environment)
        stage = environment.get("STAGE", "")
        os.environ.update(function_environment(stage, service="import_customers"))
        importer = Importer(
            apply=apply,
            pool=wiring.pool_administration(),
            stripe=wiring.stripe_gateway(),
            customers=wiring.customers(),
            imports=_imports(),
        )
        report = report_beside(file)
        with wiring.stripe_gateway().at_most(_REQUESTS_PER_SECOND):
            counts = write_report(report, importer.run(lambda: read_lines(file)))
    except (FileError, StageError, OSError, BotoCoreError, ClientError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except PaymentsError as error:
        sys.stderr.write(f"It stopped: {type(error).__name__} {error}\n")
        sys.stderr.write("Run it again: what is done stays, and it goes on from there.\n")
        return 1
    for line in totals(counts):
        print(line)
    print(f"Each row is in {report}.")
    if not apply:
        print("Nothing was changed. To do it, add APPLY=1.")
    return 0


def _asked(environment: Mapping[str, str]) -> tuple[Path, bool]:
    if not environment.get("FILE"):
        raise FileError(USAGE)
    apply = environment.get("APPLY", "")
    if apply not in {"", "1"}:
        raise FileError(f"APPLY is 1 or nothing, not {apply}.")
    return Path(environment["FILE"]), apply == "1"


def _imports() -> "ImportsRepository":
    imports = wiring.imports()
    if imports is None:
        raise StageError(OFF)
    return imports


if __name__ == "__main__":
    sys.exit(main(os.environ))
