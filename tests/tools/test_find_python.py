"""Which Python tools/setup/find-python takes for the environments, and what to do without one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.paths import ROOT


@pytest.fixture
def bin_directory(tmp_path: Path) -> Path:
    directory = tmp_path / "a folder with spaces"
    directory.mkdir()
    return directory


def _find(bin_directory: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    tools = bin_directory.parent / "tools"
    tools.mkdir(exist_ok=True)
    for tool in ("cat", "sh"):
        if not (tools / tool).exists():
            (tools / tool).symlink_to(f"/bin/{tool}")
    return subprocess.run(  # noqa: S603 - the script under test
        ["/bin/sh", str(ROOT / "tools" / "setup" / "find-python")],
        env={"PATH": f"{bin_directory}{os.pathsep}{tools}", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _program(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def _this_python(path: Path) -> Path:
    return _program(path, f'exec "{sys.executable}" "$@"')


def test_python3_13_on_the_path_is_taken(bin_directory: Path) -> None:
    _this_python(bin_directory / "python3.13")

    found = _find(bin_directory)

    assert found.returncode == 0
    assert Path(found.stdout.strip()).samefile(sys._base_executable)  # type: ignore[attr-defined]


def test_python3_is_taken_if_it_is_3_13(bin_directory: Path) -> None:
    _this_python(bin_directory / "python3")

    assert _find(bin_directory).returncode == 0


def test_the_python_that_was_asked_for_comes_first(bin_directory: Path) -> None:
    _program(bin_directory / "python3.13", "exit 1")
    asked_for = _this_python(bin_directory / "my python")

    assert _find(bin_directory, PYTHON=str(asked_for)).returncode == 0


def test_a_python_that_was_asked_for_and_is_another_version_is_refused(
    bin_directory: Path,
) -> None:
    _this_python(bin_directory / "python3.13")
    asked_for = _program(bin_directory / "old", "echo 3.11")

    found = _find(bin_directory, PYTHON=str(asked_for))

    assert found.returncode == 1
    assert f"PYTHON={asked_for} is not a Python 3.13" in found.stderr


def test_a_shim_that_does_not_run_is_passed_over_for_pyenvs_versions(
    bin_directory: Path, tmp_path: Path
) -> None:
    _program(bin_directory / "python3.13", "echo 'pyenv: 3.13 is not selected' >&2; exit 127")
    version = tmp_path / "pyenv" / "versions" / "3.13.1" / "bin"
    version.mkdir(parents=True)
    _this_python(version / "python3.13")
    _program(
        bin_directory / "pyenv", f'[ "$1" = root ] && echo "{tmp_path}/pyenv" && exit 0; exit 1'
    )

    assert _find(bin_directory).returncode == 0


def test_a_python_that_only_uv_knows_is_found(bin_directory: Path, tmp_path: Path) -> None:
    python = _this_python(tmp_path / "managed-python")
    _program(bin_directory / "uv", f'[ "$*" = "python find 3.13" ] && echo "{python}"')

    assert _find(bin_directory).returncode == 0


def test_a_python_that_cannot_make_environments_is_named(bin_directory: Path) -> None:
    python = _program(
        bin_directory / "python3.13",
        'case "$2" in *ensurepip*) exit 1;; esac\n' + f'exec "{sys.executable}" "$@"',
    )

    found = _find(bin_directory)

    assert found.returncode == 1
    assert f"{python} cannot create virtual environments" in found.stderr
    assert "apt install python3.13-venv" in found.stderr


def test_without_any_python_3_13_the_message_says_what_to_do(bin_directory: Path) -> None:
    _program(bin_directory / "python3", "echo 3.11")

    found = _find(bin_directory)

    assert found.returncode == 1
    assert found.stdout == ""
    assert "Python 3.13 was not found on PATH, through pyenv or through uv." in found.stderr
    for remedy in (
        "brew install python@3.13",
        "apt install python3.13 python3.13-venv",
        "pyenv install 3.13",
        "uv python install 3.13",
        "make PYTHON=",
    ):
        assert remedy in found.stderr
