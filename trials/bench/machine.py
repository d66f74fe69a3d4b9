"""Where and with what it was measured."""

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from local.paths import LOCAL
from trials.bench.artifacts import PYTHON
from trials.bench.node import node_version

_ASK_VERSIONS = """
import importlib.metadata, json, platform
names = ("awslambdaric", "boto3")
versions = {name: importlib.metadata.version(name) for name in names}
print(", ".join(["Python " + platform.python_version(), *map(" ".join, versions.items())]))
"""


def description() -> str:
    """The machine, what it ran with, and when."""
    processor = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    name = processor[1] if processor else platform.machine()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    with_versions = subprocess.run(  # noqa: S603
        [PYTHON, "-c", _ASK_VERSIONS], capture_output=True, text=True, check=True
    ).stdout.strip()
    (sam,) = (LOCAL / "venvs" / "sam").glob("lib/python*/site-packages/aws_sam_cli-*.dist-info")
    sam_version = sam.name.removeprefix("aws_sam_cli-").removesuffix(".dist-info")
    today = datetime.now(UTC).date().isoformat()
    return (
        f"{today}, on {os.cpu_count()} cores of an {name} ({platform.machine()}, "
        f"{memory:.0f} GiB, {platform.system()} {platform.release().split('-')[0]}), load "
        f"{os.getloadavg()[0]:.1f} at the start. {with_versions}, "
        f"{f'Node {version}, ' if (version := node_version()) else ''}"
        f"runtime emulator of aws-sam-cli {sam_version}."
    )
