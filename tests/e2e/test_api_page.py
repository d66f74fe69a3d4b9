"""The commands in docs/api.md, run exactly as written."""

import os
import re
import subprocess

import pytest

from local.paths import LOCAL, ROOT

STACK_DIRECTORY = LOCAL / "e2e"


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
