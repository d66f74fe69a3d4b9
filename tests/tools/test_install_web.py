"""tools/setup/install-web: the web app's packages, and what to do without Node."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from local.paths import ROOT


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the script, a web app, and a folder of programs."""
    repository = tmp_path / "a folder with spaces"
    for name in ("tools/setup", "bin", "web/node_modules"):
        (repository / name).mkdir(parents=True)
    shutil.copy(ROOT / "tools" / "setup" / "install-web", repository / "tools" / "setup")
    for tool in ("sh", "cat", "date", "dirname", "touch"):
        found = shutil.which(tool)
        assert found is not None
        (repository / "bin" / tool).symlink_to(found)
    return repository


def program(repository: Path, name: str, script: str) -> None:
    path = repository / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def install(repository: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - the script under test
        [repository / "tools" / "setup" / "install-web"],
        env={"PATH": str(repository / "bin")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def node_of_version(repository: Path, version: str) -> None:
    """A Node that takes itself for another version."""
    node = shutil.which("node")
    assert node is not None
    prelude = repository / "version.cjs"
    # Its members are read-only, so it is replaced as a whole.
    prelude.write_text(
        "Object.defineProperty(process, 'versions', "
        f"{{ value: {{ ...process.versions, node: '{version}' }} }});\n"
    )
    program(repository, "node", f'exec "{node}" --require "{prelude}" "$@"')


@pytest.mark.parametrize("version", ["20.19.0", "22.12.0", "24.1.0"])
def test_exactly_the_lock_is_installed(repository: Path, version: str) -> None:
    node_of_version(repository, version)
    program(repository, "npm", 'echo "$PWD $*" >called')

    done = install(repository)

    assert done.returncode == 0, done.stderr
    called = (repository / "web" / "called").read_text()
    assert called.startswith(f"{repository / 'web'} ci ")
    assert (repository / "web" / "node_modules" / ".installed").exists()


@pytest.mark.parametrize("version", ["18.20.8", "20.18.3"])
def test_an_old_node_is_as_good_as_none(repository: Path, version: str) -> None:
    node_of_version(repository, version)
    program(repository, "npm", "touch called")

    done = install(repository)

    assert done.returncode == 3
    assert "Node 20.19 or later was not found" in done.stderr
    assert not (repository / "web" / "called").exists()


def test_without_node_it_says_how_to_get_it(repository: Path) -> None:
    done = install(repository)

    assert done.returncode == 3
    assert "brew install node" in done.stderr


def test_node_without_npm_is_not_enough(repository: Path) -> None:
    node_of_version(repository, "22.12.0")

    assert install(repository).returncode == 3


def test_a_failed_installation_counts_as_none(repository: Path) -> None:
    node_of_version(repository, "22.12.0")
    program(repository, "npm", "exit 1")

    done = install(repository)

    assert done.returncode not in (0, 3)
    assert not (repository / "web" / "node_modules" / ".installed").exists()


def test_the_script_can_be_run() -> None:
    assert os.access(ROOT / "tools" / "setup" / "install-web", os.X_OK)
