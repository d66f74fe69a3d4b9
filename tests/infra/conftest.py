"""The stack as `sam build` and CloudFormation see it."""

import json
from pathlib import Path

import pytest

from tests.infra.layers import Layers
from tests.support.cloudformation import Deployed, Json, load_template, resolve
from tests.support.commands import SAM, TEMPLATE, make_layer, run

_REQUIRED_PARAMETERS = {
    "StripeSecretKey": "sk_test_simulator",
    "StripePublishableKey": "pk_test_simulator",
}
_REQUIRED_IN_PROD = {
    "AllowedOrigin": "https://shop.example.com",
    "EmailFrom": "shop@example.com",
    "EmailIdentityArn": "arn:aws:ses:eu-west-1:123456789012:identity/example.com",
}


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of `sam build` for AWS."""
    directory = tmp_path_factory.mktemp("sam") / "build"
    built = run([SAM, "build", "--build-dir", directory])
    assert built.returncode == 0, built.stderr
    return directory


@pytest.fixture(scope="session")
def layers(build: Path) -> Layers:
    """The layers for AWS."""
    return Layers(build / "DependenciesLayer", build / "PaymentsLayer")


@pytest.fixture(scope="session")
def host_layers(layers: Layers, tmp_path_factory: pytest.TempPathFactory) -> Layers:
    """The layers with the dependencies built for this machine, which can be imported here."""
    directory = tmp_path_factory.mktemp("host")
    built = make_layer("dependencies", directory, TILL_LAYER_PLATFORM="host")
    assert built.returncode == 0, built.stderr
    return Layers(directory, layers.payments)


def transform(*changed: str, **parameters: str) -> Json:
    """The template after the SAM transform with these parameters: plain CloudFormation.

    `changed` are functions and layers whose content is another one.
    """
    template = load_template(TEMPLATE)
    for logical_id, resource in template["Resources"].items():
        for uri in {"CodeUri", "ContentUri"} & resource["Properties"].keys():
            content = "other" if logical_id in changed else "key"
            resource["Properties"][uri] = f"s3://bucket/{content}"  # as `sam deploy` leaves it
    program = Path(__file__).with_name("transform.py")
    command: list[str | Path] = [SAM.with_name("python"), program, json.dumps(parameters)]
    done = run(command, stdin=json.dumps(template))
    assert done.returncode == 0, done.stderr
    result: Json = json.loads(done.stdout)
    return result


@pytest.fixture(scope="session")
def transformed() -> Json:
    """The template after the SAM transform, with the defaults of its parameters."""
    return transform()


@pytest.fixture
def deployed(transformed: Json) -> Deployed:
    """The stack's resources with some parameters set: `deployed(Stage="prod")`."""

    def resources(**parameters: str) -> Json:
        required = _REQUIRED_PARAMETERS
        if parameters.get("Stage") == "prod":
            required = required | _REQUIRED_IN_PROD
        return resolve(transformed, required | parameters)

    return resources
