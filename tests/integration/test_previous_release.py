"""After a roll-back: the previous release's own code reads what this one has written.

tests/releases has the code of the release before this one, as it was deployed.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.integration.busy_day import LOST, Day
from tests.support.aws import Aws
from tests.support.commands import ROOT
from tests.support.simulator_client import Simulator

PREVIOUS = ROOT / "tests" / "releases" / "0.1.0.zip"
NAMES = dict(zip(LOST, ("customers", "payments", "orders", "refunds"), strict=True))


def wire_rows() -> dict[str, list[dict[str, Any]]]:
    """Every row of the tables, in DynamoDB's wire format."""
    dynamodb = boto3.client("dynamodb")
    return {name: dynamodb.scan(TableName=table)["Items"] for table, name in NAMES.items()}


def read_by(release: Path, rows: dict[str, Any]) -> dict[str, Any]:
    """What that release's code makes of rows, in a process of its own."""
    script = ROOT / "tests" / "support" / "previous_release.py"
    done = subprocess.run(  # noqa: S603
        [sys.executable, script, release],
        input=json.dumps(rows),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def newer(value: Any) -> Any:
    """A wire value, with a member that nobody knows in each map of it."""
    match value:
        case {"M": dict(members)}:
            inner = {name: newer(each) for name, each in members.items()}
            return {"M": inner | {"not_known_yet": {"S": "new"}}}
        case {"L": list(parts)}:
            return {"L": [newer(each) for each in parts]}
    return value


@pytest.mark.parametrize("release", [PREVIOUS, ROOT], ids=["previous", "this one"])
def test_a_release_reads_the_rows_and_records_that_its_successor_has_written(
    aws: Aws, stripe: Simulator, release: Path
) -> None:
    # Given what this release writes and, for this one, what a later one may add to it
    aws.forget_people()
    day = Day(aws, stripe)
    day.morning()
    day.afternoon()
    rows = wire_rows()
    payments = {row["payment_id"]: row for row in day.payments()}
    if release == ROOT:
        rows = {table: [_newer_row(row) for row in found] for table, found in rows.items()}
    # When
    read = read_by(release, rows)
    # Then
    assert {each["payment_id"] for each in read["payments"]} == set(payments)
    for each in read["payments"]:
        row = payments[each["payment_id"]]
        assert (each["status"], each["amount"]) == (row["status"], row["amount"])
        assert [line["to_status"] for line in each["history"]] == [
            line["to_status"] for line in row["history"]
        ]
        assert len(each["refunds"]) == len(row.get("refunds", ()))
    assert read["key_uses"] == len(rows["payments"]) - len(payments)
    assert len(read["orders"]) == len(rows["orders"])
    assert len(read["refunds"]) == len(rows["refunds"])
    assert {each["user_id"] for each in read["customers"]} == {
        row["user_id"]["S"] for row in rows["customers"]
    }
    # It publishes each line, and its writes leave what it does not know.
    assert len(read["told"]) == sum(len(row["history"]) for row in payments.values())
    for name in ("form", "key_id", "created_by", "not_known_yet"):
        assert name not in read["written"]


_MAPS_WITH_ANY_NAMES = frozenset({"metadata", "shipping"})


def _newer_row(row: dict[str, Any]) -> dict[str, Any]:
    kept = {name: each for name, each in row.items() if name in _MAPS_WITH_ANY_NAMES}
    grown = {name: newer(each) for name, each in row.items()}
    return grown | kept | {"not_known_yet": {"M": {"a": {"N": "1"}}}}


def test_every_row_says_its_form(aws: Aws, stripe: Simulator) -> None:
    aws.forget_people()
    day = Day(aws, stripe)
    day.afternoon()
    for name, rows in wire_rows().items():
        assert rows, name
        assert {row["form"]["N"] for row in rows} == {"1"}, name
    assert {event["form"] for event in day.published()} == {1}
