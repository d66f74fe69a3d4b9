"""`python -m tools.audit`: fail on known vulnerabilities of the packages that the locks pin.

pip-audit asks OSV, npm asks its registry. A mirror without advisories looks to them like one whose
packages have none. So each service is first asked about a package that is known to be vulnerable.
Where it does not tell, that is said, and is no failure.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.paths import ROOT, WEB

PYTHON_LOCKS = (
    ROOT / "layers" / "dependencies" / "requirements.txt",
    *sorted((ROOT / "requirements").glob("*.txt")),
)
NPM_LOCK = WEB / "package-lock.json"
# Advisories that do not matter here, with the reason.
ACCEPTED: Mapping[str, str] = {}

PIP_AUDIT = (sys.executable, "-m", "pip_audit", "--vulnerability-service", "osv")
CANARY_TIMEOUT_SECONDS = 60
TIMEOUT_SECONDS = 300
_SOCKET_TIMEOUT_SECONDS = 15

# https://osv.dev/vulnerability/PYSEC-2019-217, https://github.com/advisories/GHSA-xvch-5gv4-984h
_VULNERABLE_PYTHON = f"jinja2==2.4.1 --hash=sha256:{'0' * 64}\n"
_NEEDS_VULNERABLE_NPM = {"name": "canary", "dependencies": {"minimist": "0.0.8"}}
_VULNERABLE_NPM = {
    "name": "canary",
    "lockfileVersion": 3,
    "packages": {"": _NEEDS_VULNERABLE_NPM, "node_modules/minimist": {"version": "0.0.8"}},
}


class NoAnswerError(Exception):
    """An audit brought no result; the message says why."""


@dataclass(frozen=True)
class Vulnerability:
    """An advisory for a package that is pinned."""

    package: str
    advisories: frozenset[str]
    remedy: str

    def __str__(self) -> str:
        return f"{self.package}: {', '.join(sorted(self.advisories))}. {self.remedy}"


type Audit = Callable[[Path, int], set[Vulnerability]]


def python_vulnerabilities(
    lock: Path, timeout: int, *, pip_audit: Sequence[str] = PIP_AUDIT
) -> set[Vulnerability]:
    """Return what OSV knows of the packages in a lock with hashes.

    Raises:
        NoAnswerError: pip-audit brought no result.
    """
    report = _report(
        [
            *pip_audit,
            *("--timeout", str(_SOCKET_TIMEOUT_SECONDS), "--progress-spinner", "off"),
            *("--disable-pip", "--format", "json", "--requirement", str(lock)),
        ],
        cwd=ROOT,
        timeout=timeout,
    )
    skipped = [each["skip_reason"] for each in report["dependencies"] if "skip_reason" in each]
    if skipped:
        raise NoAnswerError(skipped[0])
    return {
        Vulnerability(
            package=f"{dependency['name']} {dependency['version']}",
            advisories=frozenset({vulnerability["id"], *vulnerability["aliases"]}),
            remedy=f"Fixed in {', '.join(vulnerability['fix_versions']) or 'no version yet'}.",
        )
        for dependency in report["dependencies"]
        for vulnerability in dependency["vulns"]
    }


def npm_vulnerabilities(lock: Path, timeout: int) -> set[Vulnerability]:
    """Return what the registry knows of a package-lock.json, development packages included.

    Raises:
        NoAnswerError: npm brought no result.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise NoAnswerError("npm was not found on PATH.")
    report = _report(
        [
            *(npm, "audit", "--json", "--package-lock-only", "--fetch-retries=0"),
            f"--fetch-timeout={_SOCKET_TIMEOUT_SECONDS * 1000}",
        ],
        cwd=lock.parent,
        timeout=timeout,
    )
    if "vulnerabilities" not in report:
        raise NoAnswerError(str(report.get("message") or report.get("error")))
    # A package that only depends on a vulnerable one has its name here in place of an advisory.
    return {
        Vulnerability(
            package=f"{name} {advisory['range']}",
            advisories=frozenset({advisory["url"].rpartition("/")[2]}),
            remedy=f"{advisory['severity'].capitalize()}: {advisory['title']}",
        )
        for name, package in report["vulnerabilities"].items()
        for advisory in package["via"]
        if not isinstance(advisory, str)
    }


def verdict(what: str, audit: Audit, *, canary: Path, locks: Iterable[Path]) -> bool:
    """Print what an audit finds, and return whether that is no reason to fail."""
    no_answer = _no_answer(audit, canary)
    if no_answer:
        print(f"{what}: NOT audited, the service cannot be reached from here. {no_answer}")
        return True
    try:
        with ThreadPoolExecutor() as threads:
            found = set().union(*threads.map(lambda lock: audit(lock, TIMEOUT_SECONDS), locks))
    except NoAnswerError as error:
        print(f"{what}: the audit failed. {error}")
        return False
    open_ones = sorted(str(each) for each in found if not each.advisories & ACCEPTED.keys())
    for each in open_ones:
        print(f"{what}: {each}")
    if not open_ones:
        print(f"{what}: no known vulnerabilities.")
    return not open_ones


def main() -> int:
    """Audit both kinds of packages and return the exit code."""
    with tempfile.TemporaryDirectory() as directory:
        python_canary = Path(directory) / "requirements.txt"
        python_canary.write_text(_VULNERABLE_PYTHON)
        npm_canary = Path(directory) / "package-lock.json"
        npm_canary.write_text(json.dumps(_VULNERABLE_NPM))
        (Path(directory) / "package.json").write_text(json.dumps(_NEEDS_VULNERABLE_NPM))
        fine = [
            verdict(
                "Python packages", python_vulnerabilities, canary=python_canary, locks=PYTHON_LOCKS
            ),
            verdict("npm packages", npm_vulnerabilities, canary=npm_canary, locks=[NPM_LOCK]),
        ]
    return 0 if all(fine) else 1


def _no_answer(audit: Audit, canary: Path) -> str:
    """Say why the service does not tell of a vulnerability that it has to know, or nothing."""
    try:
        found = audit(canary, CANARY_TIMEOUT_SECONDS)
    except NoAnswerError as error:
        return str(error)
    return "" if found else "It does not know of a vulnerability that everyone knows of."


def _report(command: Sequence[str], *, cwd: Path, timeout: int) -> dict[str, Any]:
    """Run an audit and return its JSON. Its exit code says no more: it is 1 for either end."""
    try:
        done = subprocess.run(  # noqa: S603
            command, cwd=cwd, capture_output=True, text=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        raise NoAnswerError(f"No answer within {timeout} s.") from None
    try:
        report = json.loads(done.stdout)
    except ValueError:
        lines = done.stderr.strip().splitlines() or [f"Exit code {done.returncode}"]
        raise NoAnswerError(lines[-1]) from None
    if not isinstance(report, dict):
        raise NoAnswerError(f"A report of another form: {done.stdout[:100]}")
    return report


if __name__ == "__main__":
    sys.exit(main())
