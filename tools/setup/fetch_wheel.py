#!/usr/bin/env python3
"""`fetch_wheel.py NAME DIRECTORY`: get a wheel that requirements/dev.txt pins; print its path.

It is for what has to be there before pip is, so it needs the standard library of Python 3.8 and no
more. The index is the one that pip is told to use, by its environment or its files; a wheel counts
only if its hash is in the lock.
"""

from __future__ import annotations

import base64
import configparser
import hashlib
import os
import platform
import re
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request
from html.parser import HTMLParser
from pathlib import Path

LOCK = Path(__file__).resolve().parents[2] / "requirements" / "dev.txt"
DEFAULT_INDEX = "https://pypi.org/simple"
TIMEOUT_SECONDS = 60


class FetchError(Exception):
    """The wheel cannot be had; the message says why."""


def pinned(lock: str, name: str) -> tuple[str, set[str]]:
    """Return a package's version and its SHA-256 hashes."""
    entry = re.search(rf"^{re.escape(name)}==(\S+)((?: \\\n +--hash=sha256:\w+)+)", lock, re.M)
    if entry is None:
        raise FetchError(f"{LOCK} does not pin {name}.")
    return entry.group(1), set(re.findall(r"sha256:(\w+)", entry.group(2)))


def pip_setting(name: str) -> str:
    """Return what pip has been told, in its environment or in its files, or nothing."""
    told = os.environ.get(f"PIP_{name.upper().replace('-', '_')}")
    if told:
        return told
    home = Path.home()
    files = [
        Path("/etc/pip.conf"),
        home / ".pip" / "pip.conf",
        home / "Library" / "Application Support" / "pip" / "pip.conf",
        Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "pip" / "pip.conf",
        Path(os.environ.get("PIP_CONFIG_FILE", os.devnull)),
    ]
    settings = configparser.RawConfigParser()
    settings.read(files)  # the later ones win, as with pip
    return settings.get("install", name, fallback=settings.get("global", name, fallback=""))


def suits_this_machine(wheel: str) -> bool:
    """Tell whether a wheel's platform tags, the last part of its name, name this machine."""
    machine = platform.machine().lower()
    if sys.platform == "darwin":
        system = ("macosx",)
    else:
        system = ("manylinux",) if platform.libc_ver()[0] == "glibc" else ("musllinux",)
    tags = wheel[: -len(".whl")].rpartition("-")[2].split(".")
    return any(
        tag == "any" or (tag.startswith(system) and tag.endswith(f"_{machine}")) for tag in tags
    )


class _Links(HTMLParser):
    """The files of an index's page: https://packaging.python.org/en/latest/specifications/simple-repository-api/."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if tag == "a" and href:
            self.addresses.append(urllib.parse.urljoin(self._address, href))


def get(address: str) -> bytes:
    """Return what an address serves; it may hold a name and a password."""
    parts = urllib.parse.urlsplit(address)
    headers = {"Accept": "text/html, */*;q=0.1", "User-Agent": "till-setup"}
    if parts.username:
        login = f"{parts.username}:{parts.password or ''}"
        token = base64.b64encode(urllib.parse.unquote(login).encode()).decode()
        headers["Authorization"] = f"Basic {token}"
        parts = parts._replace(netloc=parts.netloc.rpartition("@")[2])
    if parts.scheme not in ("http", "https"):
        raise FetchError(f"The index has to be on the web, which {parts.geturl()} is not.")
    certificates = pip_setting("cert") or os.environ.get("REQUESTS_CA_BUNDLE")
    context = ssl.create_default_context(cafile=certificates or None)
    request = urllib.request.Request(parts._replace(fragment="").geturl(), headers=headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS, context=context) as answer:  # noqa: S310
            content: bytes = answer.read()
    except (OSError, urllib.error.URLError) as error:
        raise FetchError(f"{parts.hostname} cannot be reached: {error}") from error
    return content


def fetch(name: str, directory: Path) -> Path:
    """Return the wheel's path, after downloading it unless it is there.

    Raises:
        FetchError: the index has none for this machine, or not the one that is pinned.
    """
    version, hashes = pinned(LOCK.read_text(), name)
    index = (pip_setting("index-url") or DEFAULT_INDEX).rstrip("/")
    page = f"{index}/{name}/"
    links = _Links(page)
    links.feed(get(page).decode())
    prefix = f"{name.replace('-', '_')}-{version}-"
    for address in links.addresses:
        file = urllib.parse.unquote(urllib.parse.urlsplit(address).path.rpartition("/")[2])
        if not (file.startswith(prefix) and file.endswith(".whl") and suits_this_machine(file)):
            continue
        content = get(address)
        if hashlib.sha256(content).hexdigest() not in hashes:
            raise FetchError(f"{file} is not the one that {LOCK.name} pins: its hash differs.")
        directory.mkdir(parents=True, exist_ok=True)
        wheel = directory / file
        wheel.write_bytes(content)
        return wheel
    raise FetchError(f"The index has no {name} {version} for {platform.platform()}.")


if __name__ == "__main__":
    try:
        print(fetch(sys.argv[1], Path(sys.argv[2])))
    except FetchError as error:
        sys.exit(str(error))
