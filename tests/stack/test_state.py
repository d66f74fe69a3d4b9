"""stack.json: what other programs read about a running stack."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from local import Stack, read_stack
from local.state import forget_stack, write_stack

STACK = Stack(
    api_url="http://127.0.0.1:4566/_aws/execute-api/a1b2c3d4/v1",
    region="us-east-1",
    aws_endpoint_url="http://127.0.0.1:4566",
    user_pool_id="us-east-1_pool",
    user_pool_client_id="client",
    token_url="http://127.0.0.1:4566/oauth2/token",
    program_client_id="program",
    program_client_secret="secret",
    scope_prefix="till",
    stripe_api_url="http://127.0.0.1:12111",
    stripe_publishable_key="pk_test_simulator",
    stack_name="till-local",
    customers_table="customers",
    payments_table="payments",
    products_table="products",
    orders_table="orders",
    refunds_table="refunds",
    stripe_secret_arn="arn:aws:secretsmanager:us-east-1:000000000000:secret:key",
    stripe_webhook_secret_arn="arn:aws:secretsmanager:us-east-1:000000000000:secret:webhook",
    event_bus="till-local-payments",
    reconcile_function="till-local-reconcile",
    replay_function="till-local-replay",
    remove_unconfirmed_users_function="till-local-remove",
    erase_function="till-local-erase",
    launcher_pid=os.getpid(),
    simulated_stripe=True,
)


def test_a_stack_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_stack(STACK, tmp_path)

    assert read_stack(tmp_path) == STACK


def test_the_file_has_the_keys_that_other_programs_rely_on(tmp_path: Path) -> None:
    write_stack(STACK, tmp_path)

    assert set(json.loads((tmp_path / "stack.json").read_text())) >= {
        "api_url",
        "region",
        "aws_endpoint_url",
        "user_pool_id",
        "user_pool_client_id",
        "stripe_api_url",
        "stripe_publishable_key",
        "stack_name",
        "web_url",
    }


def test_no_stack_runs_where_there_is_no_file(tmp_path: Path) -> None:
    assert read_stack(tmp_path) is None


def test_a_stack_whose_launcher_is_gone_does_not_run(tmp_path: Path) -> None:
    launcher = subprocess.Popen([sys.executable, "-c", ""])
    launcher.wait()
    write_stack(replace(STACK, launcher_pid=launcher.pid), tmp_path)

    assert read_stack(tmp_path) is None


def test_a_forgotten_stack_leaves_nothing_behind(tmp_path: Path) -> None:
    write_stack(STACK, tmp_path)

    forget_stack(tmp_path)

    assert list(tmp_path.iterdir()) == []
