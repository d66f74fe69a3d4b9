"""What SAM makes of our command, variables and template, up to the container that it wants."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from local.deploy import sam_environment
from local.paths import ROOT
from local.processes import StackError
from local.sam_local import Container, find_engine
from local.sample_events import EVENTS
from tests.support.container_engine import ContainerEngine, container_engine

STACK = "http://127.0.0.1:4566"
# What the emulator says about a function; the template declares the first two.
VARIABLES = {
    "PAYMENTS_TABLE": "till-local-PaymentsTable-1",
    "STRIPE_API_BASE": "http://127.0.0.1:12111",
    "AWS_ENDPOINT_URL": STACK,
    "AWS_ACCESS_KEY_ID": "of-the-role",
    "AWS_SECRET_ACCESS_KEY": "of-the-role",
    "AWS_SESSION_TOKEN": "of-the-role",
    "AWS_CONFIG_FILE": "/dev/null",
}
PERSONAL = {
    "AWS_PROFILE": "production",
    "AWS_ACCESS_KEY_ID": "AKIAPERSONAL",
    "AWS_SECRET_ACCESS_KEY": "personal",
    "AWS_SESSION_TOKEN": "personal",
    "AWS_ENDPOINT_URL": "https://personal.example.com",
    "PAYMENTS_TABLE": "personal",
    "STRIPE_SECRET_KEY": "sk_live_personal",
}


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[ContainerEngine]:
    with TemporaryDirectory(dir="/tmp") as short, container_engine(Path(short)) as engine:
        monkeypatch.setenv("DOCKER_HOST", engine.address)
        for name, value in PERSONAL.items():
            monkeypatch.setenv(name, value)
        yield engine


@pytest.mark.parametrize("architecture", ["x86_64", "arm64"])
def test_the_container_gets_the_built_function_the_stack_and_nothing_of_the_person(
    build: Path, engine: ContainerEngine, architecture: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.sam_local.host_architecture", lambda: architecture)
    engine.networks["bridge"] = {"Subnet": "127.0.0.0/8", "Gateway": "127.0.0.1"}
    container = Container("CreatePaymentIntentFunction", find_engine(), build.parent)
    container.write_files(VARIABLES)

    failed = subprocess.run(  # noqa: S603
        container.invoke_command(EVENTS / "create_payment_intent.json"),
        cwd=ROOT,
        env=sam_environment(STACK, layer_platform="lambda"),
        capture_output=True,
        text=True,
        check=False,
    )

    assert "this engine starts nothing" in failed.stderr
    [created] = engine.created
    environment = dict(each.split("=", 1) for each in created["Env"])
    assert {name: environment[name] for name in VARIABLES} == {
        **VARIABLES,
        "AWS_ENDPOINT_URL": "http://host.docker.internal:4566",
        "STRIPE_API_BASE": "http://host.docker.internal:12111",
    }
    assert not {name for name, value in environment.items() if "personal" in value.lower()}
    assert environment["AWS_REGION"] == "us-east-1"
    assert created["HostConfig"]["ExtraHosts"] == ["host.docker.internal:127.0.0.1"]
    assert created["Image"].startswith(f"samcli/lambda-python:3.13-{architecture}-")
    assert created["HostConfig"]["Binds"] == [
        f"{build}/CreatePaymentIntentFunction:/var/task:ro,delegated"
    ]


@pytest.mark.parametrize(
    "bridge",
    [
        {"Subnet": "127.0.0.0/8", "Gateway": "127.0.0.1"},
        {"Subnet": "127.0.0.0/8"},  # as some versions of Docker tell it
    ],
)
def test_where_docker_shares_this_machine_the_command_forwards_from_its_bridge(
    engine: ContainerEngine, bridge: dict[str, str], tmp_path: Path
) -> None:
    engine.networks["bridge"] = bridge
    found = find_engine()
    container = Container("GetPaymentFunction", found, tmp_path)

    assert found.bridge == "127.0.0.1"
    assert container.forward_command([4566, 12111])[1:] == [
        *("-m", "local.forward", "127.0.0.1", "4566", "12111")
    ]


def test_where_docker_has_a_virtual_machine_it_knows_the_name_itself(
    engine: ContainerEngine, tmp_path: Path
) -> None:
    engine.networks["bridge"] = {"Subnet": "203.0.113.0/24", "Gateway": "203.0.113.1"}
    found = find_engine()
    container = Container("GetPaymentFunction", found, tmp_path)

    assert not found.bridge
    assert "--add-host" not in container.invoke_command(EVENTS / "get_payment.json")


def test_an_engine_without_that_network_is_one_in_a_virtual_machine(
    engine: ContainerEngine,
) -> None:
    engine.networks.clear()

    assert not find_engine().bridge


def test_an_engine_whose_containers_cannot_reach_this_machine_is_of_no_use(
    engine: ContainerEngine,
) -> None:
    engine.security_options.append("name=rootless")

    with pytest.raises(StackError, match="Docker runs rootless"):
        find_engine()


def test_an_engine_that_cannot_get_the_image_is_of_no_use(engine: ContainerEngine) -> None:
    engine.has_images = False

    with pytest.raises(StackError, match="not found"):
        find_engine()


def test_without_an_engine_the_reason_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")

    with pytest.raises(StackError, match="Do you have Docker"):
        find_engine()
