"""The baseline in Node: built with npm and esbuild, where there is a Node to run it."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from local.processes import Supervisor
from trials.bench.artifacts import Function, read_only

_SOURCE = Path(__file__).with_name("baselines") / "node"
_LEAST_MAJOR = 20
_MEGABYTES = 512  # as the template has it for the others


@cache
def node_version() -> str | None:
    """The version of the Node on PATH, if it is 20 or later and npm is there too."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    told = subprocess.run(  # noqa: S603
        [node, "--version"], capture_output=True, text=True, check=False
    ).stdout.strip()
    version = re.fullmatch(r"v((\d+)\.\d+\.\d+)", told)
    return version[1] if version and int(version[2]) >= _LEAST_MAJOR else None


def build_node(supervisor: Supervisor, directory: Path, environment: Mapping[str, str]) -> Function:
    """Install exactly what the lock says, unless it is there, and make one minified file of it."""
    source = directory / "source"
    source.mkdir(parents=True, exist_ok=True)
    for path in filter(Path.is_file, _SOURCE.iterdir()):
        shutil.copy(path, source)

    def run(name: str, *command: str) -> None:
        log = directory / f"{name.replace(' ', '-')}.log"
        supervisor.run(name, ["npm", *command], env=dict(os.environ), cwd=source, log=log)

    lock, installed = source / "package-lock.json", directory / "installed.json"
    if not installed.exists() or installed.read_bytes() != lock.read_bytes():
        run("npm ci", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
        shutil.copy(lock, installed)
    run("esbuild", "run", "build")
    return Function(
        name="NodeFunction",
        directory=read_only(source / "dist", directory / "read-only"),
        handler="handler.handler",
        layers=(),
        environment=environment,
        memory_megabytes=_MEGABYTES,
        language="node",
    )
