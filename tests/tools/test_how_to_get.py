"""tools/setup/how-to-get names only what exists on the system that it runs on."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from local.paths import ROOT

DEBIAN_12 = 'NAME="Debian GNU/Linux"\nID=debian\nVERSION_ID="12"'
DEBIAN_13 = 'NAME="Debian GNU/Linux"\nID=debian\nVERSION_ID="13"'
UBUNTU_24 = 'NAME="Ubuntu"\nID=ubuntu\nVERSION_ID="24.04"'
UBUNTU_26 = 'NAME="Ubuntu"\nID=ubuntu\nVERSION_ID="26.04"'
FEDORA = 'NAME="Fedora Linux"\nID=fedora\nVERSION_ID=43'


class Ways:
    """What the script says on a system that a test describes."""

    def __init__(self, directory: Path) -> None:
        self._bin = directory / "bin"
        self._bin.mkdir()
        self._os_release = directory / "os-release"
        for tool in ("awk", "cat", "dirname", "sed"):
            found = shutil.which(tool)
            assert found is not None
            (self._bin / tool).symlink_to(found)
        self.program("uname", "echo Linux")
        self.program("id", "echo 1000")

    def program(self, name: str, script: str = "") -> None:
        path = self._bin / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def apt(self, **candidates: str) -> None:
        """An apt whose lists have these packages alone."""
        known = "".join(f'{name}) echo "  Candidate: {v}";;' for name, v in candidates.items())
        self.program("apt-get")
        self.program("apt-cache", f'case "$2" in {known} *) echo "  Candidate: (none)";; esac')

    def to_get(self, what: str, os_release: str = "") -> str:
        self._os_release.write_text(f"{os_release}\n")
        return subprocess.run(  # noqa: S603 - the script under test
            ["/bin/sh", str(ROOT / "tools" / "setup" / "how-to-get"), what, str(self._os_release)],
            env={"PATH": str(self._bin)},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout


@pytest.fixture
def ways(tmp_path: Path) -> Ways:
    return Ways(tmp_path)


def test_debian_12_is_not_told_of_a_package_that_it_does_not_have(ways: Ways) -> None:
    ways.apt(nodejs="18.20.4+dfsg-1~deb12u2")

    python = ways.to_get("python", DEBIAN_12)

    assert "install python3.13" not in python
    assert "Debian 12 has no package of it" in python
    assert "~/.pyenv/bin/pyenv install 3.13" in python
    assert "as root: apt-get install build-essential" in python
    assert "apt-get" not in ways.to_get("node", DEBIAN_12)


def test_debian_13_is_told_of_its_packages_even_before_its_lists_are_there(ways: Ways) -> None:
    ways.apt()
    ways.program("sudo")

    assert (
        "Debian GNU/Linux sudo apt-get update && sudo apt-get install python3.13\n"
    ) in ways.to_get("python", DEBIAN_13)
    assert "sudo apt-get install nodejs npm\n" in ways.to_get("node", DEBIAN_13)


def test_a_package_that_apt_knows_is_named_whatever_the_system(ways: Ways) -> None:
    ways.apt(**{"python3.13": "3.13.5-2", "nodejs": "1:22.14.0-1"})
    ways.program("id", "echo 0")

    assert "Ubuntu           apt-get update && apt-get install python3.13\n" in ways.to_get(
        "python", UBUNTU_26
    )
    assert "apt-get install nodejs npm\n" in ways.to_get("node", UBUNTU_26)


def test_ubuntu_24_04_gets_python_from_deadsnakes(ways: Ways) -> None:
    ways.apt()

    assert "add-apt-repository ppa:deadsnakes/ppa" in ways.to_get("python", UBUNTU_24)
    assert "deadsnakes" not in ways.to_get("python", UBUNTU_26)


def test_fedora_and_macos_get_theirs(ways: Ways) -> None:
    assert "dnf install python3.13" in ways.to_get("python", FEDORA)
    assert "dnf install nodejs npm" in ways.to_get("node", FEDORA)
    ways.program("uname", "echo Darwin")
    assert "brew install python@3.13" in ways.to_get("python")
    assert "brew install node\n" in ways.to_get("node")


def test_programs_that_are_there_are_not_to_be_installed_first(ways: Ways) -> None:
    ways.program("pyenv")
    ways.program("uv")

    python = ways.to_get("python", FEDORA)

    assert "  pyenv            pyenv install 3.13\n" in python
    assert "UV_PYTHON_INSTALL_MIRROR" in python


def test_a_system_without_a_name_still_gets_ways(ways: Ways) -> None:
    assert "make dev PYTHON=/path/to/python3.13" in ways.to_get("python")
    assert "nvm install 24" in ways.to_get("node")


@pytest.mark.parametrize(
    ("version", "taken"),
    [("20.18.3", False), ("20.19.2", True), ("21.7.3", False), ("22.11.0", False), ("23.1", True)],
)
def test_apts_node_is_named_if_the_app_takes_it(ways: Ways, version: str, taken: bool) -> None:
    ways.apt(nodejs=f"{version}+dfsg-1")

    assert ("apt-get install nodejs npm" in ways.to_get("node", UBUNTU_26)) is taken


def test_the_scripts_can_be_run() -> None:
    for script in (ROOT / "tools" / "setup").iterdir():
        if script.is_file() and script.suffix != ".py":
            assert os.access(script, os.X_OK), script
