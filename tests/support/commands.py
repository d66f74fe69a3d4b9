"""The commands that build the stack, run as a person or `sam` runs them."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "infra" / "template.yaml"
FUNCTIONS = ROOT / "functions"

_VENVS = ROOT / ".local" / "venvs"
SAM = Path(os.environ.get("TILL_SAM", _VENVS / "sam" / "bin" / "sam"))
# Its environment has only what Lambda's own runtime has.
LAMBDA_PYTHON = _VENVS / "lambda" / "bin" / "python"

type Finished = subprocess.CompletedProcess[str]


def run(
    command: Sequence[str | Path], *, cwd: Path = ROOT, stdin: str = "", **variables: str
) -> Finished:
    """Run a command with this Python first on PATH, and with these variables."""
    # The test decides how the layer is built, not the shell that started it.
    inherited = {name: os.environ[name] for name in os.environ if name != "TILL_LAYER_PLATFORM"}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    sam_settings = {"AWS_DEFAULT_REGION": "eu-west-1", "SAM_CLI_TELEMETRY": "0"}
    return subprocess.run(  # noqa: S603
        command,
        cwd=cwd,
        env=inherited | {"PATH": path} | sam_settings | variables,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


def make_layer(name: str, artifacts: Path, **variables: str) -> Finished:
    """Run a layer's Makefile as `sam build` does."""
    return run(
        ["make", f"build-{name.capitalize()}Layer"],
        cwd=ROOT / "layers" / name,
        ARTIFACTS_DIR=str(artifacts),
        **variables,
    )
