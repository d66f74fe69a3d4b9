"""Which Python tools/setup/find-python takes for the environments, and how it gets one with uv."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.paths import ROOT

TOOLS = ("awk", "cat", "chmod", "cp", "dirname", "id", "mkdir", "mv", "rm", "sed", "sh", "uname")
# Installs the Python that the test has laid there, as `uv python install` does.
UV_THAT_INSTALLS = """
case "$*" in
    "python install 3.13")
        mkdir -p "$UV_PYTHON_INSTALL_DIR"
        cp "{python}" "$UV_PYTHON_INSTALL_DIR/python3.13"
        echo "bin=$UV_PYTHON_INSTALL_BIN" >"$UV_PYTHON_INSTALL_DIR/asked";;
    "python find 3.13")
        [ -x "$UV_PYTHON_INSTALL_DIR/python3.13" ] && echo "$UV_PYTHON_INSTALL_DIR/python3.13";;
esac
"""
UV_WITHOUT_A_NETWORK = '[ "$2" = find ] || { echo "error: Failed to install" >&2; exit 1; }'


class Machine:
    """A copy of the scripts, and a PATH with the programs that a test puts there."""

    def __init__(self, directory: Path) -> None:
        self.repository = directory / "a folder with spaces"
        self.setup = self.repository / "tools" / "setup"
        shutil.copytree(ROOT / "tools" / "setup", self.setup)
        self.bin = directory / "bin"
        self.bin.mkdir()
        self._tools = directory / "tools"
        self._tools.mkdir()
        for tool in TOOLS:
            found = shutil.which(tool, path="/usr/bin:/bin")
            assert found is not None
            (self._tools / tool).symlink_to(found)

    def program(self, path: Path, script: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    def this_python(self, path: Path) -> Path:
        return self.program(path, f'exec "{sys.executable}" "$@"')

    def find(self, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - the script under test
            ["/bin/sh", str(self.setup / "find-python")],
            env={"PATH": f"{self.bin}{os.pathsep}{self._tools}", **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_python3_13_on_the_path_is_taken(machine: Machine) -> None:
    machine.this_python(machine.bin / "python3.13")

    found = machine.find()

    assert found.returncode == 0
    assert Path(found.stdout.strip()).samefile(sys._base_executable)  # type: ignore[attr-defined]
    assert found.stderr == ""


def test_python3_is_taken_if_it_is_3_13(machine: Machine) -> None:
    machine.this_python(machine.bin / "python3")

    assert machine.find().returncode == 0


def test_the_python_that_was_asked_for_comes_first(machine: Machine) -> None:
    machine.program(machine.bin / "python3.13", "exit 1")
    asked_for = machine.this_python(machine.bin / "my python")

    assert machine.find(PYTHON=str(asked_for)).returncode == 0


def test_a_python_that_was_asked_for_and_is_another_version_is_refused(machine: Machine) -> None:
    machine.this_python(machine.bin / "python3.13")
    asked_for = machine.program(machine.bin / "old", "echo 3.11")

    found = machine.find(PYTHON=str(asked_for))

    assert found.returncode == 1
    assert f"PYTHON={asked_for} is not a Python 3.13" in found.stderr


def test_a_shim_that_does_not_run_is_passed_over_for_pyenvs_versions(
    machine: Machine, tmp_path: Path
) -> None:
    machine.program(machine.bin / "python3.13", "echo 'pyenv: 3.13 is not selected' >&2; exit 127")
    machine.this_python(tmp_path / "pyenv" / "versions" / "3.13.1" / "bin" / "python")
    machine.program(machine.bin / "pyenv", f'[ "$1" = root ] && echo "{tmp_path}/pyenv"')

    assert machine.find().returncode == 0


@pytest.mark.parametrize("variable", ["HOME", "PYENV_ROOT"])
def test_pyenvs_versions_are_found_without_pyenv_on_the_path(
    machine: Machine, tmp_path: Path, variable: str
) -> None:
    root = tmp_path / ".pyenv"
    machine.this_python(root / "versions" / "3.13.1" / "bin" / "python")
    environment = {variable: str(root if variable == "PYENV_ROOT" else tmp_path)}

    assert machine.find(**environment).returncode == 0


def test_a_python_that_only_uv_knows_is_found(machine: Machine, tmp_path: Path) -> None:
    python = machine.this_python(tmp_path / "managed-python")
    machine.program(machine.bin / "uv", f'[ "$*" = "python find 3.13" ] && echo "{python}"')

    found = machine.find()

    assert found.returncode == 0
    assert found.stderr == ""


def test_half_a_python_is_passed_over(machine: Machine) -> None:
    """Debian's python3.13-minimal has no venv."""
    machine.program(
        machine.bin / "python3.13",
        'case "$2" in *venv*) exit 1;; esac\n' + f'exec "{sys.executable}" "$@"',
    )
    machine.this_python(machine.bin / "python3")

    assert machine.find().returncode == 0


def test_a_missing_python_is_installed_with_uv_below_the_repository(
    machine: Machine, tmp_path: Path
) -> None:
    python = machine.this_python(tmp_path / "download")
    machine.program(machine.bin / "uv", UV_THAT_INSTALLS.format(python=python))

    found = machine.find()

    assert found.returncode == 0, found.stderr
    assert Path(found.stdout.strip()).samefile(sys._base_executable)  # type: ignore[attr-defined]
    installed = machine.repository / ".local" / "python"
    assert (installed / "asked").read_text() == "bin=0\n"  # nothing in the person's ~/.local/bin
    missing, getting = found.stderr.splitlines()
    assert missing.startswith("Python 3.13, which the Lambdas run, was not found on PATH")
    assert getting == "Getting Python 3.13 with uv, into .local/python"


def test_what_uv_has_installed_is_taken_the_next_time(machine: Machine, tmp_path: Path) -> None:
    python = machine.this_python(tmp_path / "download")
    machine.program(machine.bin / "uv", UV_THAT_INSTALLS.format(python=python))
    machine.find()

    found = machine.find()

    assert found.returncode == 0
    assert found.stderr == ""


def test_without_uv_it_comes_from_pypi_first(machine: Machine, tmp_path: Path) -> None:
    python = machine.this_python(tmp_path / "download")
    uv = machine.program(tmp_path / "uv", UV_THAT_INSTALLS.format(python=python))
    machine.program(machine.setup / "get-uv", f'mkdir -p "$1" && cp "{uv}" "$1/uv"')

    found = machine.find()

    assert found.returncode == 0, found.stderr
    assert found.stderr.splitlines()[1:] == [
        "Getting uv from PyPI, into .local/uv",
        "Getting Python 3.13 with uv, into .local/python",
    ]
    assert machine.find().stderr == ""


def test_a_python_that_uv_knows_is_taken_once_uv_is_there(machine: Machine, tmp_path: Path) -> None:
    python = machine.this_python(tmp_path / "managed-python")
    uv = machine.program(tmp_path / "uv", f'[ "$*" = "python find 3.13" ] && echo "{python}"')
    machine.program(machine.setup / "get-uv", f'mkdir -p "$1" && cp "{uv}" "$1/uv"')

    found = machine.find()

    assert found.returncode == 0
    assert "Getting Python 3.13" not in found.stderr


def test_where_uv_fails_the_ways_of_this_system_are_named(machine: Machine) -> None:
    machine.program(machine.bin / "python3", "echo 3.11")
    machine.program(machine.bin / "uv", UV_WITHOUT_A_NETWORK)
    machine.program(machine.setup / "how-to-get", 'echo "the ways to get $*"')

    found = machine.find()

    assert found.returncode == 1
    assert found.stdout == ""
    assert "error: Failed to install" in found.stderr
    assert found.stderr.endswith("then run make again.\n\nthe ways to get python\n\n")


def test_where_uv_cannot_be_had_the_ways_of_this_system_are_named(machine: Machine) -> None:
    machine.program(machine.bin / "python3", "echo 'PyPI cannot be reached' >&2; exit 1")

    found = machine.find()

    assert found.returncode == 1
    assert "PyPI cannot be reached" in found.stderr
    assert "Getting Python 3.13 with uv" not in found.stderr
    assert "make dev PYTHON=/path/to/python3.13" in found.stderr
    assert "UV_PYTHON_INSTALL_MIRROR" not in found.stderr
