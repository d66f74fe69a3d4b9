"""The benchmark runs, from `sam build` to its page; what it measures is not judged here."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import ROOT
from trials.bench.node import node_version

MINUTES = 10


@pytest.mark.skipif(sys.platform != "linux", reason="AWS's runtime emulator is made for Linux")
def test_the_benchmark_measures_a_step_and_writes_its_page(tmp_path: Path) -> None:
    # When
    page = tmp_path / "page.md"
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "trials.bench",
        "--runs",
        "1",
        "--no-memory",
        "--report",
        page,
    ]
    steps = "list_products,create_payment_intent"
    done = subprocess.run(  # noqa: S603
        [*command, "--steps", steps],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=MINUTES * 60,
    )
    # Then
    assert done.returncode == 0, done.stderr
    lines = page.read_text().splitlines()
    first, warm = [line for line in lines if line.startswith("| create_payment_intent |")]
    if node_version():
        assert "| - |" not in first  # all of it could be measured, Node's share too
    assert warm.endswith("| 1 | 4 |")  # calls of Stripe and of DynamoDB
    with_bytecode = [line for line in lines if line.startswith("| FastAPI + Mangum, bytecode |")]
    assert len(with_bytecode) == 3  # first, warm, size
    assert sum("as promised | reached" in line for line in lines) == 2
    assert page.with_suffix(".svg").read_text().count("create_payment_intent") == 1
