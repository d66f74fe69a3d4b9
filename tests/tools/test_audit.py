"""tools/audit: known vulnerabilities fail it, a service that tells of none is told apart.

pip-audit and npm are the real ones; OSV and npm's registry are played here.
"""

import gzip
import json
import threading
from collections.abc import Callable, Generator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tools import audit

CANARIES = {"jinja2", "minimist"}
LOCK = "till-example==1.0 --hash=sha256:" + "1" * 64 + "\n"


class Service:
    """OSV at /v1/query and npm's registry at /, with the packages that they know as vulnerable."""

    def __init__(self) -> None:
        self.vulnerable = set(CANARIES)
        self.status = 200
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                answer = service.osv if self.path == "/v1/query" else service.advisories
                self._send(service.status, answer(json.loads(body)))

            def do_GET(self) -> None:
                """The versions of a package, which npm reads to tell which are vulnerable."""
                name = self.path[1:]
                version = {"name": name, "version": "0.0.8", "dist": {"tarball": "", "shasum": ""}}
                self._send(
                    200,
                    {
                        "name": name,
                        "dist-tags": {"latest": "0.0.8"},
                        "versions": {"0.0.8": version},
                    },
                )

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

            def _send(self, status: int, answer: object) -> None:
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def osv(self, query: dict[str, dict[str, str]]) -> object:
        """https://google.github.io/osv.dev/post-v1-query/."""
        name = query["package"]["name"]
        if name not in self.vulnerable:
            return {}
        events = [{"introduced": "0"}, {"fixed": "9.9"}]
        affected = {
            "package": {"name": name, "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": events}],
        }
        return {"vulns": [{"id": f"PYSEC-{name}", "aliases": ["CVE-1"], "affected": [affected]}]}

    def advisories(self, versions: dict[str, list[str]]) -> object:
        """https://docs.npmjs.com/cli/v11/commands/npm-audit#bulk-advisory-endpoint."""
        return {
            name: [
                {
                    "id": 1,
                    "url": f"https://github.com/advisories/GHSA-{name}",
                    "title": "Prototype pollution",
                    "severity": "critical",
                    "vulnerable_versions": "<9.9",
                }
            ]
            for name in versions.keys() & self.vulnerable
        }


@pytest.fixture
def service() -> Generator[Service]:
    service = Service()
    thread = threading.Thread(target=service.server.serve_forever)
    thread.start()
    yield service
    service.server.shutdown()
    service.server.server_close()
    thread.join()


@pytest.fixture
def audited(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """The whole audit, of a lock of each kind."""
    lock = tmp_path / "requirements.txt"
    lock.write_text(LOCK)
    npm_lock = tmp_path / "package-lock.json"
    package = {"name": "web", "devDependencies": {"left-pad": "0.0.8"}}
    installed = {"": package, "node_modules/left-pad": {"version": "0.0.8", "dev": True}}
    npm_lock.write_text(json.dumps({"name": "web", "lockfileVersion": 3, "packages": installed}))
    (tmp_path / "package.json").write_text(json.dumps(package))
    monkeypatch.setattr(audit, "PYTHON_LOCKS", [lock])
    monkeypatch.setattr(audit, "NPM_LOCK", npm_lock)
    monkeypatch.setattr(
        audit,
        "python_vulnerabilities",
        partial(
            audit.python_vulnerabilities,
            pip_audit=(*audit.PIP_AUDIT, "--osv-url", f"{service.url}/v1/query"),
        ),
    )
    monkeypatch.setenv("npm_config_registry", service.url)
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return audit.main


def test_packages_without_a_known_vulnerability_pass(
    audited: Callable[[], int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert audited() == 0

    assert capsys.readouterr().out.splitlines() == [
        "Python packages: no known vulnerabilities.",
        "npm packages: no known vulnerabilities.",
    ]


def test_a_vulnerable_python_package_fails(
    audited: Callable[[], int], service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    service.vulnerable.add("till-example")

    assert audited() == 1

    shown = capsys.readouterr().out
    assert "Python packages: till-example 1.0: CVE-1, PYSEC-till-example. Fixed in 9.9." in shown
    assert "npm packages: no known vulnerabilities." in shown


def test_a_vulnerable_npm_package_fails_even_if_it_is_for_development(
    audited: Callable[[], int], service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    service.vulnerable.add("left-pad")

    assert audited() == 1

    shown = capsys.readouterr().out
    assert "npm packages: left-pad <9.9: GHSA-left-pad. Critical: Prototype pollution" in shown
    assert "Python packages: no known vulnerabilities." in shown


def test_an_accepted_advisory_passes_by_any_of_its_names(
    audited: Callable[[], int], service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.vulnerable |= {"till-example", "left-pad"}
    reason = "Only its own tests are affected."
    monkeypatch.setattr(audit, "ACCEPTED", {"CVE-1": reason, "GHSA-left-pad": reason})

    assert audited() == 0


def test_a_service_that_cannot_be_reached_is_said_and_passes(
    audited: Callable[[], int], service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    service.server.server_close()  # nobody listens there any more

    assert audited() == 0

    python, npm = capsys.readouterr().out.splitlines()
    for line, what in ((python, "Python packages"), (npm, "npm packages")):
        assert line.startswith(f"{what}: NOT audited, the service cannot be reached from here. ")
        assert "no known vulnerabilities" not in line


@pytest.mark.parametrize("status", [404, 405, 503])
def test_a_service_that_refuses_is_said_and_passes(
    audited: Callable[[], int], service: Service, capsys: pytest.CaptureFixture[str], status: int
) -> None:
    service.status = status

    assert audited() == 0

    assert capsys.readouterr().out.count("NOT audited") == 2


def test_a_mirror_without_advisories_does_not_count_as_good_news(
    audited: Callable[[], int], service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    service.vulnerable.clear()

    assert audited() == 0

    shown = capsys.readouterr().out
    assert shown.count("It does not know of a vulnerability that everyone knows of.") == 2
    assert "no known vulnerabilities" not in shown


def test_an_audit_that_breaks_where_the_service_answers_fails(
    audited: Callable[[], int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "requirements.txt").write_text("this is no lock\n")

    assert audited() == 1

    assert "Python packages: the audit failed." in capsys.readouterr().out


def test_a_command_that_does_not_end_is_no_answer(tmp_path: Path) -> None:
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)

    with pytest.raises(audit.NoAnswerError, match=r"No answer within 1 s\."):
        audit.python_vulnerabilities(tmp_path / "requirements.txt", 1, pip_audit=[str(slow)])


def test_every_lock_is_one_that_pip_audit_can_read(service: Service) -> None:
    pip_audit = (*audit.PIP_AUDIT, "--osv-url", f"{service.url}/v1/query")

    assert len(audit.PYTHON_LOCKS) >= 6
    for lock in audit.PYTHON_LOCKS:
        found = audit.python_vulnerabilities(lock, 60, pip_audit=pip_audit)

        assert {each.package.split()[0] for each in found} <= CANARIES
