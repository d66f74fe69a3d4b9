"""Starting a stack, with stand-ins for the programs that it runs."""

import json
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from local import StackError, running_stack
from local.deploy import Deployment
from local.emulator import aws_environment, clean_environment
from local.launcher import _api_url
from local.options import StripeKeys
from local.processes import Supervisor
from tests.support.processes import is_running

SECRET = "sk_test_do_not_show_this"
KEYS = StripeKeys(secret=SECRET, publishable="pk_test_public")

# Records how it was called, what the parameter file says, and who may read it.
RECORDING_SAM = """
import json, os, pathlib, sys
call = {"arguments": sys.argv[1:], "environment": dict(os.environ)}
for argument in sys.argv:
    if argument.startswith("file://"):
        file = pathlib.Path(argument.removeprefix("file://"))
        call["file"] = str(file)
        call["mode"] = file.stat().st_mode
        call["parameters"] = json.loads(file.read_text())
pathlib.Path(__file__).with_name("call.json").write_text(json.dumps(call))
"""
SLOW_PROGRAM = """
import os, pathlib, time
pathlib.Path(__file__).with_name("pid").write_text(str(os.getpid()))
time.sleep(60)
"""
DYING_PROGRAM = """
import pathlib, time
while not pathlib.Path(__file__).with_name("pid").exists():
    time.sleep(0.02)
raise SystemExit("out of disk space")
"""

type MakeProgram = Callable[[str, str], Path]


@pytest.fixture
def program(tmp_path: Path) -> MakeProgram:
    def make(name: str, script: str) -> Path:
        path = tmp_path / name
        path.write_text(f"#!{sys.executable}\n{script}")
        path.chmod(0o755)
        return path

    return make


@pytest.fixture
def sam_call(
    program: MakeProgram, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], dict[str, object]]:
    monkeypatch.setattr("local.deploy.SAM", program("sam", RECORDING_SAM))
    return lambda: dict(json.loads((tmp_path / "call.json").read_text()))


def test_a_service_that_fails_ends_the_start_and_all_that_was_started(
    program: MakeProgram, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.deploy.SAM", program("sam", SLOW_PROGRAM))
    monkeypatch.setattr("local.emulator.MINISTACK_PYTHON", program("ministack", DYING_PROGRAM))
    directory = tmp_path / "stack"

    with (
        pytest.raises(StackError, match=r"(?s)MiniStack ended unexpectedly.*out of disk space"),
        running_stack(directory),
    ):
        pytest.fail("the stack cannot be ready")

    assert not is_running(int((tmp_path / "pid").read_text()))
    assert not (directory / "stack.json").exists()
    assert not (directory / "tmp").exists()


def test_a_second_stack_in_the_same_place_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def launch_another(*_: object, **__: object) -> None:
        with running_stack(tmp_path):
            pytest.fail("there must not be two")

    monkeypatch.setattr("local.launcher._launch", launch_another)

    with (
        pytest.raises(StackError, match=r"A stack is already running here \(process \d+\)"),
        running_stack(tmp_path),
    ):
        pytest.fail("the first one could not start the second")


def test_the_secret_key_reaches_sam_in_a_private_file_that_is_gone_afterwards(
    sam_call: Callable[[], dict[str, object]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", SECRET)
    with Supervisor() as supervisor:
        deployment = Deployment(supervisor, directory=tmp_path, endpoint_url="http://emulator")
        deployment.deploy(
            stripe_keys=KEYS,
            stripe_api_base="http://simulator",
            allowed_origin="http://127.0.0.1:5173",
        )

    call = sam_call()
    assert call["parameters"] == {
        "Stage": "local",
        "Emulated": "true",
        "Architecture": call["parameters"]["Architecture"],  # type: ignore[index]
        "StripeSecretKey": SECRET,
        "StripePublishableKey": "pk_test_public",
        "StripeWebhookSigningSecrets": "",
        "EventArchiveDays": "0",
        "StripeApiBase": "http://simulator",
        "AllowedOrigin": "http://127.0.0.1:5173",
    }
    assert stat.S_IMODE(int(str(call["mode"]))) == 0o600
    assert not Path(str(call["file"])).exists()
    assert SECRET not in json.dumps([call["arguments"], call["environment"]])


def test_sam_cannot_reach_the_cloud_whatever_the_person_has_set() -> None:
    personal = {
        "AWS_PROFILE": "production",
        "AWS_SESSION_TOKEN": "token",
        "AWS_ENDPOINT_URL_S3": "https://s3.example.com",
        "PATH": "/bin",
    }

    environment = aws_environment("http://127.0.0.1:4566", personal)

    assert environment["PATH"] == "/bin"
    assert {name: value for name, value in environment.items() if name.startswith("AWS_")} == {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }


def test_services_and_lambdas_see_none_of_the_persons_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("STRIPE_SECRET_KEY", "AWS_PROFILE", "PYTHONPATH", "MAKEFLAGS"):
        monkeypatch.setenv(name, "personal")

    environment = clean_environment(tmp_path)

    assert "personal" not in environment.values()
    assert environment["HOME"] == str(tmp_path)


def test_the_api_has_an_address_that_needs_no_name_resolution() -> None:
    deployed = "https://a1b2c3d4.execute-api.us-east-1.amazonaws.com/v1"

    assert (
        _api_url("http://127.0.0.1:4566", deployed)
        == "http://127.0.0.1:4566/_aws/execute-api/a1b2c3d4/v1"
    )
