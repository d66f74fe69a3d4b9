"""The commands in docs/api.md, run exactly as written."""

import json
import os
import re
import subprocess
import sys

import pytest

from local.paths import LOCAL, ROOT
from tests.e2e.conftest import World
from tests.support.routes import STEPS, function_id

STACK_DIRECTORY = LOCAL / "e2e"
# The steps that find something on an empty stack.
INVOKED = ["list_products", "list_payment_methods", "list_payments"]


def curl_section() -> str:
    """The shell commands of the section on curl, as one script."""
    page = (ROOT / "docs" / "api.md").read_text()
    section = page.split("\n## Each step with curl\n", 1)[1].split("\n## ", 1)[0]
    return "\n".join(re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL))


@pytest.mark.usefixtures("world")
def test_the_curl_commands_lead_to_a_paid_purchase() -> None:
    # pipefail, because the readers in the pipes would continue without input
    run = subprocess.run(  # noqa: S603
        ["/bin/bash", "-euo", "pipefail", "-c", curl_section()],
        env={**os.environ, "STACK": str(STACK_DIRECTORY / "stack.json")},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    assert '"status":"requires_action"' in run.stdout
    assert '"status":"succeeded"' in run.stdout
    assert "urn:till:problem" not in run.stdout


@pytest.mark.parametrize("step", INVOKED)
def test_a_function_runs_on_its_own_in_the_environment_for_sam_local(
    world: World, step: str
) -> None:
    environments = json.loads((STACK_DIRECTORY / "env.json").read_text())
    assert environments.keys() == {function_id(each) for each in STEPS}
    invocation = (
        f"import json; from functions.{step}.handler import lambda_handler; "
        f"event = json.load(open('tests/events/{step}.json')); "
        "print(lambda_handler(event, None)['statusCode'])"
    )

    run = subprocess.run(  # noqa: S603
        [sys.executable, "-c", invocation],
        env=environments[function_id(step)] | {"PATH": os.environ["PATH"]},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert run.stdout.splitlines()[-1:] == ["200"], run.stdout + run.stderr
    assert world.stack.products_table in environments[function_id(step)].values()
