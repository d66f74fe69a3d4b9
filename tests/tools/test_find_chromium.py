"""Which browser the tests take, and how tools/setup/find-chromium gets one."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.support import browser

FIND_CHROMIUM = Path(__file__).parents[2] / "tools" / "setup" / "find-chromium"


class _ChromiumType:
    def __init__(self, executable_path: Path) -> None:
        self.executable_path = str(executable_path)


class _Playwright:
    """Where Playwright would have its own browser."""

    def __init__(self, own: Path) -> None:
        self.chromium = _ChromiumType(own)


def _program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def _taken(own: Path) -> Path:
    return browser.executable(_Playwright(own))  # type: ignore[arg-type]


def test_the_browser_that_was_asked_for_comes_first_then_playwrights_then_the_systems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_for = _program(tmp_path / "mine" / "browser")
    own = _program(tmp_path / "playwright" / "chrome")
    systems = _program(tmp_path / "bin" / "chromium-browser")
    monkeypatch.setenv("PATH", str(systems.parent))

    monkeypatch.setenv(browser.VARIABLE, str(asked_for))
    assert _taken(own) == asked_for
    monkeypatch.delenv(browser.VARIABLE)
    assert _taken(own) == own
    own.unlink()
    assert _taken(own) == systems


def test_what_was_asked_for_and_is_no_program_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(browser.VARIABLE, str(tmp_path / "missing"))

    with pytest.raises(browser.ChromiumNotFoundError, match="missing is not a program"):
        _taken(_program(tmp_path / "chrome"))


def test_without_any_the_error_names_the_commands_that_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(browser.VARIABLE, raising=False)

    with pytest.raises(browser.ChromiumNotFoundError) as error:
        _taken(tmp_path / "missing")

    for command in ("playwright install chromium", "apt install chromium", browser.VARIABLE):
        assert command in str(error.value)


def test_the_script_prints_the_one_that_the_tests_take() -> None:
    with sync_playwright() as playwright:
        taken = browser.executable(playwright)

    found = subprocess.run([FIND_CHROMIUM], capture_output=True, text=True, check=True)  # noqa: S603

    assert found.stdout == f"{taken}\n"


def test_the_script_does_not_install_when_another_was_asked_for(tmp_path: Path) -> None:
    found = subprocess.run(  # noqa: S603
        [FIND_CHROMIUM],
        env=os.environ | {browser.VARIABLE: str(tmp_path / "missing")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.returncode == 1
    assert found.stdout == ""
    assert "missing is not a program" in found.stderr
    assert "Installing" not in found.stderr


class _BareMachine:
    """A copy of the script, with a Playwright and an apt that only say what they are asked."""

    def __init__(self, directory: Path) -> None:
        self.setup = directory / "tools" / "setup"
        self.setup.mkdir(parents=True)
        shutil.copy(FIND_CHROMIUM, self.setup)
        self.chromium = directory / "chromium"
        self.asked = directory / "asked"
        self.programs = directory / "programs"
        self._venv = directory / ".venv" / "bin"
        for tool in ("dirname", "sh"):
            found = shutil.which(tool)
            assert found is not None
            self.programs.mkdir(exist_ok=True)
            (self.programs / tool).symlink_to(found)
        self.says(self.programs / "id", "echo 0")
        self.says(self.programs / "apt-get", f'echo "apt-get $*" >>"{self.asked}"')
        self.says(
            self._venv / "python",
            f'[ -x "{self.chromium}" ] && echo "{self.chromium}"',
        )
        self.playwright("")

    def says(self, path: Path, script: str) -> None:
        _program(path).write_text(f"#!/bin/sh\n{script}\n")

    def playwright(self, script: str) -> None:
        self.says(self._venv / "playwright", f'echo "playwright $*" >>"{self.asked}"\n{script}')

    def find(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - the script under test
            [self.setup / FIND_CHROMIUM.name],
            env={"PATH": f"{self.programs}:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )


def test_a_chromium_without_its_libraries_gets_them(tmp_path: Path) -> None:
    machine = _BareMachine(tmp_path)
    broken, whole = tmp_path / "broken", tmp_path / "whole"
    machine.says(broken, "echo 'libnss3.so: cannot open shared object file' >&2; exit 127")
    machine.says(whole, "echo Chromium")
    machine.playwright(
        f'case "$1" in install) cp "{broken}" "{machine.chromium}";; *) '
        f'cp "{whole}" "{machine.chromium}";; esac'
    )

    found = machine.find()

    assert found.stdout == f"{machine.chromium}\n"
    assert machine.asked.read_text().splitlines() == [
        "playwright install chromium",
        "playwright install-deps chromium",
    ]


def test_who_may_not_install_libraries_is_told_what_to_run(tmp_path: Path) -> None:
    machine = _BareMachine(tmp_path)
    machine.says(machine.programs / "id", "echo 1000")
    machine.says(
        machine.chromium, "echo 'libnss3.so: cannot open shared object file' >&2; exit 127"
    )

    found = machine.find()

    assert found.returncode != 0
    assert "as root: .venv/bin/playwright install-deps chromium" in found.stderr
    assert "libnss3.so: cannot open shared object file" in found.stderr


def test_where_playwrights_download_fails_debians_package_is_taken(tmp_path: Path) -> None:
    machine = _BareMachine(tmp_path)
    machine.playwright("exit 1")
    machine.says(
        machine.programs / "apt-get",
        f'[ "$1" != install ] || cp "{machine.programs / "id"}" "{machine.chromium}"',
    )

    found = machine.find()

    assert found.stdout == f"{machine.chromium}\n"
    assert "Playwright's download failed; trying Debian's package" in found.stderr
