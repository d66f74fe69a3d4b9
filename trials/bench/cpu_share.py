"""As much of a core as Lambda gives for an amount of memory, by a control group of Linux.

Lambda gives one core for 1769 MB and proportionally less for less. Like Lambda's own, the limit is
a quota within each 20 ms: short bursts run at full speed.
See https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEGABYTES_OF_ONE_CORE = 1769
_PERIOD_MICROSECONDS = 20_000
_CGROUPS = Path("/sys/fs/cgroup")
_GRACE_SECONDS = 5.0
_POLL_SECONDS = 0.005


class NoControlGroupsError(Exception):
    """This person or this system may not limit a process; root may, on any Linux."""


@contextmanager
def cpu_share(megabytes: int, *, cgroups: Path = _CGROUPS) -> Iterator[tuple[str, ...]]:
    """The command that runs another one within the share of this much memory.

    Raises:
        NoControlGroupsError: limits cannot be set here.
    """
    quota = min(megabytes / MEGABYTES_OF_ONE_CORE, 1.0) * _PERIOD_MICROSECONDS
    second_version = (cgroups / "cgroup.controllers").exists()
    group = (cgroups if second_version else cgroups / "cpu") / f"till-bench-{os.getpid()}"
    try:
        group.mkdir()
        if second_version:
            (group / "cpu.max").write_text(f"{quota:.0f} {_PERIOD_MICROSECONDS}")
        else:
            (group / "cpu.cfs_period_us").write_text(f"{_PERIOD_MICROSECONDS}")
            (group / "cpu.cfs_quota_us").write_text(f"{quota:.0f}")
    except OSError as error:
        if group.exists():
            group.rmdir()
        raise NoControlGroupsError(str(error)) from error
    try:
        yield ("sh", "-c", 'echo $$ > "$0" && exec "$@"', str(group / "cgroup.procs"))
    finally:
        _remove(group)


def _remove(group: Path) -> None:
    """Remove a group as soon as what was killed in it is gone."""
    deadline = time.monotonic() + _GRACE_SECONDS
    while (group / "cgroup.procs").read_text():
        if time.monotonic() > deadline:
            break
        time.sleep(_POLL_SECONDS)
    group.rmdir()
