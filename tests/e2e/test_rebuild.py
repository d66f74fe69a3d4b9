"""`make rebuild` on the deployed stack: its rows are deleted, and come back."""

import sys
import uuid
from typing import Any

from local.aws import session
from local.paths import LOCAL
from tests.e2e.conftest import NewPayment, World
from tests.support.commands import run

COMMAND = """
import os, sys
from pathlib import Path
from local import read_stack
from tools import environment
from tools.rebuild import __main__ as tool
environment.read_stack = lambda: read_stack(Path(sys.argv[1]))
tool.REPORT = Path(sys.argv[2])
sys.exit(tool.main(os.environ))
"""


def delete_rows(world: World, table: str, user_id: str, *keys: str) -> int:
    """Lose what somebody has in a table; how many rows that were."""
    rows = [row for row in world.rows(table) if row.get("user_id") == user_id]
    for row in rows:
        session(world.stack.aws_endpoint_url).resource("dynamodb").Table(table).delete_item(
            Key={key: row[key] for key in keys}
        )
    return len(rows)


def known(row: dict[str, Any]) -> dict[str, Any]:
    names = ("payment_id", "user_id", "status", "amount", "lines", "payment_intent_id")
    return {name: row[name] for name in names}


def test_lost_rows_of_the_deployed_stack_are_made_again(
    world: World, new_payment: NewPayment, tmp_path: Any
) -> None:
    # Given somebody who has paid, and whose rows are lost
    payment_id, _ = new_payment()
    before = world.row(payment_id)
    user_id = str(before["user_id"])
    stack = world.stack
    assert delete_rows(world, stack.payments_table, user_id, "payment_id") > 0
    assert delete_rows(world, stack.customers_table, user_id, "user_id") == 1
    # When
    report = str(tmp_path / f"{uuid.uuid4()}.csv")
    done = run([sys.executable, "-c", COMMAND, str(LOCAL / "e2e"), report])
    # Then
    assert done.returncode == 0, done.stderr
    assert "payments have a row again" in done.stdout
    assert known(world.row(payment_id)) == known(before)
    customers = [row for row in world.rows(stack.customers_table) if row["user_id"] == user_id]
    assert [row["stripe_customer_id"] for row in customers] == [before["stripe_customer_id"]]
