"""`python -m tools.products`: check a catalogue, show what it would change, and load it.

Variables say what to do. FILE=catalogue.json is the catalogue: docs/integrate.md has its form.
Without APPLY=yes nothing is changed. DEACTIVATE=yes takes products off sale that are no longer in
the file. STAGE=dev, staging or prod says where; without it, it is the running laptop stack.
"""

import os
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local import read_stack
from local.aws import session
from local.paths import SAMCONFIG
from tools.products.catalogue import CatalogueError, read_catalogue
from tools.products.changes import changes_between
from tools.products.table import read_rows, write_rows
from tools.stages import StageError, read_outputs, read_stage

USAGE = "Name the catalogue: make products FILE=catalogue.json (and STAGE=…, APPLY=yes)."


def main(environment: Mapping[str, str]) -> int:
    """Load the catalogue, or show what that would change, and return the exit code."""
    try:
        apply, deactivate = (_is_yes(environment, name) for name in ("APPLY", "DEACTIVATE"))
        catalogue = read_catalogue(_file_of(environment).read_bytes())
        aws, table = _table_of(environment.get("STAGE", ""))
        with closing(aws.client("dynamodb")) as dynamodb:
            rows = read_rows(dynamodb, table)
            changes = changes_between(rows, catalogue, deactivate=deactivate)
            for line in changes.lines():
                print(line)
            if changes.rows and apply:
                write_rows(dynamodb, table, changes.rows)
                print("Done. The shop shows it within a minute.")
            elif changes.rows:
                print("Nothing was changed. To do it, add APPLY=yes.")
    except (CatalogueError, StageError, OSError, BotoCoreError, ClientError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _file_of(environment: Mapping[str, str]) -> Path:
    if not environment.get("FILE"):
        raise CatalogueError([USAGE])
    return Path(environment["FILE"])


def _is_yes(environment: Mapping[str, str], name: str) -> bool:
    value = environment.get(name, "")
    if value not in {"", "yes"}:
        raise CatalogueError([f"{name} is yes or nothing, not {value}."])
    return value == "yes"


def _table_of(stage_name: str) -> tuple[boto3.session.Session, str]:
    if stage_name:
        stage = read_stage(stage_name, SAMCONFIG)
        aws = stage.session()
        return aws, read_outputs(aws, stage.stack_name)["ProductsTableName"]
    stack = read_stack()
    if stack is None:
        raise StageError("No stack is running: start one with make dev, or set STAGE.")
    return session(stack.aws_endpoint_url), stack.products_table


if __name__ == "__main__":
    sys.exit(main(os.environ))
