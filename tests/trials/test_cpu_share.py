"""The share of a core that goes with an amount of memory."""

from pathlib import Path

import pytest

from trials.bench.cpu_share import NoControlGroupsError, cpu_share


@pytest.fixture
def forgiving(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files stand in for a control group's, which vanish with it."""

    def remove(group: Path) -> None:
        for path in group.iterdir():
            path.unlink()
        group.rmdir()

    monkeypatch.setattr("trials.bench.cpu_share._remove", remove)


@pytest.mark.usefixtures("forgiving")
def test_the_first_version_of_control_groups(tmp_path: Path) -> None:
    (tmp_path / "cpu").mkdir()
    with cpu_share(885, cgroups=tmp_path) as command:
        (group,) = (tmp_path / "cpu").iterdir()
        assert (group / "cpu.cfs_period_us").read_text() == "20000"
        assert (group / "cpu.cfs_quota_us").read_text() == "10006"
        assert command[-1] == str(group / "cgroup.procs")
    assert list((tmp_path / "cpu").iterdir()) == []


@pytest.mark.usefixtures("forgiving")
def test_the_second_version_and_no_more_than_a_core(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").write_text("cpu memory")
    with cpu_share(3008, cgroups=tmp_path):
        (group,) = (path for path in tmp_path.iterdir() if path.is_dir())
        assert (group / "cpu.max").read_text() == "20000 20000"


def test_where_there_are_none_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(NoControlGroupsError), cpu_share(512, cgroups=tmp_path / "missing"):
        pass
