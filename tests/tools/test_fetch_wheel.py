"""tools/setup/fetch_wheel: a pinned wheel, from the index that pip is told to use."""

import ast
import base64
import hashlib
import platform
import sys
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from local.paths import ROOT
from tools.setup import fetch_wheel

WHEEL = b"the wheel"
LOCK = f"""\
till-example==1.2 \\
    --hash=sha256:{"1" * 64} \\
    --hash=sha256:{hashlib.sha256(WHEEL).hexdigest()}
    # via -r requirements/dev.in
till-example-more==3.0 \\
    --hash=sha256:{"3" * 64}
"""


class Index:
    """A mirror of PyPI, as HTML, with one package."""

    def __init__(self) -> None:
        self.content = WHEEL
        self.files = [
            "till_example-1.1-py3-none-any.whl",
            "till_example-1.2.tar.gz",
            "till_example-1.2-py3-none-any.whl",
        ]
        self.logins: set[str] = set()
        index = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                index.logins.add(self.headers.get("Authorization", ""))
                if self.path == "/simple/till-example/":
                    self._send(
                        "".join(
                            f'<a href="../../files/{file}#sha256=0" data-yanked="">{file}</a>'
                            for file in index.files
                        ).encode()
                    )
                elif self.path == "/files/till_example-1.2-py3-none-any.whl":
                    self._send(index.content)
                else:
                    self.send_error(404)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

            def _send(self, content: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"


@pytest.fixture
def index() -> Generator[Index]:
    index = Index()
    thread = threading.Thread(target=index.server.serve_forever)
    thread.start()
    yield index
    index.server.shutdown()
    index.server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person without a configuration, and a lock with two packages."""
    for name in ("PIP_INDEX_URL", "PIP_CONFIG_FILE", "PIP_CERT", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    lock = tmp_path / "dev.txt"
    lock.write_text(LOCK)
    monkeypatch.setattr(fetch_wheel, "LOCK", lock)
    return tmp_path


def test_the_pinned_version_is_fetched(
    index: Index, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"http://{index.host}/simple/")

    wheel = fetch_wheel.fetch("till-example", home / "to" / "here")

    assert wheel == home / "to" / "here" / "till_example-1.2-py3-none-any.whl"
    assert wheel.read_bytes() == WHEEL


@pytest.mark.parametrize("file", [".config/pip/pip.conf", ".pip/pip.conf"])
def test_pips_files_name_the_index(index: Index, home: Path, file: str) -> None:
    settings = home / file
    settings.parent.mkdir(parents=True)
    settings.write_text(f"[global]\nindex-url = http://{index.host}/simple\n")

    assert fetch_wheel.fetch("till-example", home).read_bytes() == WHEEL


def test_the_index_may_want_a_password(
    index: Index, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"http://ada:p%40ss@{index.host}/simple")

    fetch_wheel.fetch("till-example", home)

    assert index.logins == {f"Basic {base64.b64encode(b'ada:p@ss').decode()}"}


def test_a_wheel_of_another_hash_is_refused(
    index: Index, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"http://{index.host}/simple")
    index.content = b"another wheel"

    with pytest.raises(fetch_wheel.FetchError, match="its hash differs"):
        fetch_wheel.fetch("till-example", home)

    assert list(home.glob("*.whl")) == []


def test_an_index_without_the_pinned_version_says_so(
    index: Index, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"http://{index.host}/simple")
    index.files = ["till_example-1.1-py3-none-any.whl"]

    with pytest.raises(fetch_wheel.FetchError, match=r"The index has no till-example 1\.2 for "):
        fetch_wheel.fetch("till-example", home)


def test_an_index_that_cannot_be_reached_is_named(
    index: Index, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.server.server_close()
    monkeypatch.setenv("PIP_INDEX_URL", f"http://ada:secret@{index.host}/simple")

    with pytest.raises(fetch_wheel.FetchError, match=r"^127\.0\.0\.1 cannot be reached") as error:
        fetch_wheel.fetch("till-example", home)

    assert "secret" not in str(error.value)


def test_what_the_lock_does_not_pin_is_refused(home: Path) -> None:
    with pytest.raises(fetch_wheel.FetchError, match="does not pin till"):
        fetch_wheel.fetch("till", home)


@pytest.mark.parametrize(
    ("system", "machine", "libc", "tags"),
    [
        ("linux", "x86_64", "glibc", "manylinux_2_17_x86_64.manylinux2014_x86_64"),
        ("linux", "aarch64", "glibc", "manylinux_2_28_aarch64"),
        ("linux", "x86_64", "", "musllinux_1_1_x86_64"),
        ("darwin", "arm64", "", "macosx_11_0_arm64"),
    ],
)
def test_a_machine_gets_the_wheel_of_its_own_kind(
    monkeypatch: pytest.MonkeyPatch, system: str, machine: str, libc: str, tags: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(platform, "libc_ver", lambda: (libc, ""))
    kinds = {
        "manylinux_2_17_x86_64.manylinux2014_x86_64",
        "manylinux_2_28_aarch64",
        "musllinux_1_1_x86_64",
        "macosx_11_0_arm64",
        "win_amd64",
    }

    suitable = {
        kind for kind in kinds if fetch_wheel.suits_this_machine(f"uv-1.0-py3-none-{kind}.whl")
    }

    assert suitable == {tags}


@pytest.mark.parametrize("name", ["pip", "uv"])
def test_the_projects_lock_pins_what_the_setup_fetches(name: str) -> None:
    _, hashes = fetch_wheel.pinned((ROOT / "requirements" / "dev.txt").read_text(), name)

    assert hashes


def test_an_old_python_can_read_it() -> None:
    source = (ROOT / "tools" / "setup" / "fetch_wheel.py").read_text()

    ast.parse(source, feature_version=(3, 8))
