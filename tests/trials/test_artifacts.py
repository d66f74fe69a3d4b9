"""What is built, as it is laid out to be run, and how much of it a start reads."""

import stat
from pathlib import Path

import pytest

from local.processes import StackError
from trials.bench.artifacts import Build, Function, discard, laid_out
from trials.bench.disk import a_copy, bytes_of_files_read, forget

_TEMPLATE = """
Resources:
  PayFunction:
    Type: AWS::Serverless::Function
    Properties:
      Handler: handler.pay
      MemorySize: 1024
      Events:
        Pay:
          Type: Api
          Properties: { Method: POST, Path: /payments }
        Nightly: { Type: ScheduleV2 }
"""
_SIZE = 100_000


@pytest.fixture
def built(tmp_path: Path) -> Path:
    directory = tmp_path / "built"
    function = directory / "PayFunction"
    function.mkdir(parents=True)
    (directory / "template.yaml").write_text(_TEMPLATE)
    (function / "handler.py").write_text("def pay(event, context): ...\n")
    return directory


def laid_out_in(tmp_path: Path, built: Path, *, compiled: bool = False) -> Build:
    return laid_out(built, tmp_path / "read-only", compiled=compiled)


def test_a_route_has_a_function(tmp_path: Path, built: Path) -> None:
    build = laid_out_in(tmp_path, built)
    assert build.function_of("POST", "/payments") == "PayFunction"
    with pytest.raises(StackError, match="serves GET /payments"):
        build.function_of("GET", "/payments")
    assert build.function("PayFunction").memory_megabytes == 1024


def test_bytecode_is_there_if_wanted_and_nothing_can_be_written(
    tmp_path: Path, built: Path
) -> None:
    for compiled in (False, True):  # again, over a read-only one
        function = laid_out_in(tmp_path, built, compiled=compiled).function("PayFunction")
        assert len(list(function.directory.rglob("*.pyc"))) == compiled
        for path in (function.directory, *function.directory.rglob("*")):
            assert not path.stat().st_mode & stat.S_IWUSR
    discard(tmp_path / "read-only")


def test_what_was_read_from_disk_is_known(tmp_path: Path) -> None:
    # Given
    source = tmp_path / "source"
    source.mkdir()
    for name in ("read", "not-read"):
        (source / name).write_bytes(bytes(_SIZE))
    (source / "empty").touch()
    original = Function("F", source, "handler.f", (source,), {}, 512)
    function = a_copy(original, tmp_path / "copy")
    if not forget(function):
        pytest.skip("this file system holds its files in memory")
    # When
    with (function.layers[0] / "read").open("rb") as file:
        file.read(1)
    # Then
    assert bytes_of_files_read(function) == _SIZE
