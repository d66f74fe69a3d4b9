"""tools/setup/make-venv works with a Python that brings no pip, as Debian's."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.paths import ROOT


@pytest.fixture
def setup(tmp_path: Path) -> Path:
    """A copy of the scripts whose pip writes down what it is asked to do."""
    setup = tmp_path / "a folder with spaces" / "setup"
    setup.mkdir(parents=True)
    shutil.copy(ROOT / "tools" / "setup" / "make-venv", setup)
    pip = setup / "pip.whl" / "pip"
    pip.mkdir(parents=True)
    (pip / "__main__.py").write_text("import sys; open('asked', 'w').write(' '.join(sys.argv[1:]))")
    (setup / "fetch_wheel.py").write_text(f"print({str(pip.parent)!r})")
    return setup


def _make(setup: Path, *, python: str) -> subprocess.CompletedProcess[str]:
    executable = setup / "python"
    executable.write_text(f'#!/bin/sh\n{python}\nexec "{sys.executable}" "$@"\n')
    find_python = setup / "find-python"
    find_python.write_text(f'#!/bin/sh\necho "{executable}"\n')
    for script in (executable, find_python):
        script.chmod(0o755)
    return subprocess.run(  # noqa: S603 - the script under test
        [setup / "make-venv", "venv", "lock.txt"],
        cwd=setup,
        env=os.environ | {"PIP_NO_INDEX": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_python_without_ensurepip_gets_the_pinned_pip(setup: Path) -> None:
    without_ensurepip = 'case "$*" in "-c import ensurepip") exit 1;; esac'

    done = _make(setup, python=without_ensurepip)

    assert done.returncode == 0, done.stderr
    assert "--require-hashes --requirement lock.txt" in (setup / "asked").read_text()
    assert (setup / "venv" / "bin" / "python").exists()
    assert not list((setup / "venv" / "lib").glob("*/site-packages/pip"))


def test_a_python_with_ensurepip_uses_its_own(setup: Path) -> None:
    (setup / "lock.txt").write_text("")

    done = _make(setup, python="")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Installing lock.txt into venv ... ")
    assert list((setup / "venv" / "lib").glob("*/site-packages/pip"))
    assert not (setup / "asked").exists()


def test_a_lock_that_cannot_be_installed_fails(setup: Path) -> None:
    (setup / "lock.txt").write_text(f"till-example==1.0 --hash=sha256:{'1' * 64}\n")

    assert _make(setup, python="").returncode != 0
