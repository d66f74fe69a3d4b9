"""A headless Chromium for the tests, found on this machine and driven by Playwright.

`python -m tests.support.browser` prints the path of the one that the tests use;
tools/setup/find-chromium also installs one if there is none.
"""

import contextlib
import os
import shutil
import sys
from collections.abc import Generator
from pathlib import Path

from playwright.sync_api import Browser, Playwright, expect, sync_playwright

VARIABLE = "TILL_CHROMIUM"
_NAMES_ON_PATH = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARGUMENTS = (
    "--disable-background-networking",
    "--disable-dev-shm-usage",  # a container's /dev/shm is too small
    "--disable-gpu",
)
_PATIENCE_MS = 15_000
_HOW_TO_GET_ONE = f"""\
The browser tests need Chromium, and found none. Any one of these gets it:

  everywhere       .venv/bin/playwright install chromium
  Debian           sudo apt install chromium
  macOS            brew install --cask chromium

If it is somewhere else: {VARIABLE}=/path/to/chromium"""


class ChromiumNotFoundError(Exception):
    """There is no Chromium here; the message says how to get one."""


@contextlib.contextmanager
def chromium() -> Generator[Browser]:
    """A browser, which is closed at the end.

    While it is open, this thread has a running event loop: keep it no longer than one test
    module, or asyncio.run() fails in the others.
    """
    with sync_playwright() as playwright:
        # Playwright itself adds --headless and --no-sandbox.
        browser = playwright.chromium.launch(
            executable_path=executable(playwright), args=list(_ARGUMENTS)
        )
        expect.set_options(timeout=_PATIENCE_MS)
        try:
            yield browser
        finally:
            browser.close()


def executable(playwright: Playwright) -> Path:
    """The Chromium to use: the one that was asked for, Playwright's own, or the system's.

    Raises:
        ChromiumNotFoundError: there is none.
    """
    asked_for = os.environ.get(VARIABLE)
    if asked_for:
        if not os.access(asked_for, os.X_OK):
            raise ChromiumNotFoundError(f"{VARIABLE}={asked_for} is not a program.")
        return Path(asked_for)
    own = Path(playwright.chromium.executable_path)
    if own.exists():
        return own
    for name in _NAMES_ON_PATH:
        found = shutil.which(name)
        if found:
            return Path(found)
    raise ChromiumNotFoundError(_HOW_TO_GET_ONE)


def main() -> int:
    """Print the path, or say how to get a browser."""
    with sync_playwright() as playwright:
        try:
            sys.stdout.write(f"{executable(playwright)}\n")
        except ChromiumNotFoundError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
