"""Every built function under AWS's own runtime client, with what Lambda sets at LogLevel=DEBUG."""

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from local.aws import session
from local.options import free_port
from local.paths import TEMPLATE
from local.processes import Supervisor
from tests.runtime.unkind_aws import UnkindAws
from tests.support.simulator_client import Simulator
from trials.bench.artifacts import Build, discard, laid_out, sam_build
from trials.bench.backends import Backends, running_backends
from trials.bench.runtime import Runtime

STRIPE_KEY = f"rk_test_{secrets.token_hex(16)}"
SIGNING_SECRET = f"whsec_{secrets.token_hex(16)}"
SESSION_TOKEN = f"session/{secrets.token_hex(16)}"
AWS_SECRET_KEY = f"aws-secret-{secrets.token_hex(16)}"

# As Lambda sets them, and what somebody may set in the console.
AT_DEBUG = {
    "AWS_LAMBDA_LOG_FORMAT": "JSON",
    "AWS_LAMBDA_LOG_LEVEL": "DEBUG",
    "POWERTOOLS_LOG_LEVEL": "DEBUG",
    "POWERTOOLS_DEBUG": "true",
    "STRIPE_LOG": "debug",
    "AWS_SESSION_TOKEN": SESSION_TOKEN,
    "AWS_SECRET_ACCESS_KEY": AWS_SECRET_KEY,
    "AWS_LAMBDA_FUNCTION_TIMEOUT": "300",
    "AWS_MAX_ATTEMPTS": "1",
}


class Functions:
    """All functions of the stack; each starts with its first invocation."""

    def __init__(self, build: Build, environment: Mapping[str, str], logs: Path) -> None:
        self.steps = {
            step_of(logical_id): logical_id
            for logical_id in build.of_type("AWS::Serverless::Function")
        }
        self.user_pool_id = environment["USER_POOL_ID"]
        self._build = build
        self._environment = environment
        self._logs = logs
        self._running: dict[str, Runtime] = {}
        self._read: dict[str, int] = {}
        self._cleanup = ExitStack()

    def run(self, step: str, event: object) -> Any:
        """What a function returns, or the error that Lambda makes of what it raises."""
        if step not in self._running:
            runtime = Runtime(
                self._build.function(self.steps[step]),
                self._environment,
                log=self._logs / f"{step}.log",
            )
            self._running[step] = self._cleanup.enter_context(runtime)
        return self._running[step].answer_to(event)

    @property
    def have_run(self) -> set[str]:
        """The steps that were invoked."""
        return set(self._running)

    def written_by(self, step: str) -> str:
        """What a function has written since this was last asked."""
        text = (self._logs / f"{step}.log").read_text(errors="replace")
        before, self._read[step] = self._read.get(step, 0), len(text)
        return text[before:]

    def lines_of(self, step: str) -> list[dict[str, Any]]:
        """All lines of a function's log that are JSON."""
        text = (self._logs / f"{step}.log").read_text(errors="replace")
        return [json.loads(line) for line in text.splitlines() if line.startswith('{"')]

    def close(self) -> None:
        """Stop them."""
        self._cleanup.close()


def step_of(logical_id: str) -> str:
    """`CreatePaymentIntentFunction` is the function of `create_payment_intent`."""
    name = logical_id.removesuffix("Function")
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in name).lstrip("_")


@pytest.fixture(scope="session")
def supervisor() -> Iterator[Supervisor]:
    """Stops what it has started."""
    with Supervisor() as supervisor:
        yield supervisor


@pytest.fixture(scope="session")
def build(supervisor: Supervisor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Build]:
    """What `sam build` makes of the template, for this machine."""
    directory = tmp_path_factory.mktemp("built")
    built = sam_build(supervisor, TEMPLATE, directory)
    yield laid_out(built, directory / "read-only")
    discard(directory / "read-only")


@pytest.fixture(scope="session")
def backends(
    supervisor: Supervisor, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Backends]:
    """MiniStack and the Stripe simulator."""
    directory = tmp_path_factory.mktemp("backends")
    with running_backends(supervisor, directory, free_port(), authority=None) as backends:
        yield backends


@pytest.fixture(scope="session")
def environment(backends: Backends, build: Build) -> dict[str, str]:
    """The variables of functions that work."""
    variables = backends.add(build)
    aws = session(backends.aws_url)
    for name in build.of_type("AWS::SecretsManager::Secret"):
        value = {"secret_key": STRIPE_KEY, "webhook_signing_secrets": [SIGNING_SECRET]}
        aws.client("secretsmanager").put_secret_value(SecretId=name, SecretString=json.dumps(value))
    for name in build.of_type("AWS::Events::EventBus"):
        aws.client("events").create_event_bus(Name=name)
    (pool,) = aws.client("cognito-idp").list_user_pools(MaxResults=2)["UserPools"]
    variables["USER_POOL_ID"] = pool["Id"]
    return {**backends.environment, **variables, **AT_DEBUG}


@pytest.fixture(scope="session")
def stripe(backends: Backends) -> Iterator[Simulator]:
    """The Stripe simulator, steered past the relay that the functions use."""
    simulator = Simulator(backends.stripe_url)
    yield simulator
    simulator.close()


@pytest.fixture(scope="session")
def functions(
    build: Build, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Functions]:
    """Functions that reach AWS and Stripe."""
    functions = Functions(build, environment, tmp_path_factory.mktemp("logs"))
    yield functions
    functions.close()


@pytest.fixture
def cut_off(
    request: pytest.FixtureRequest, build: Build, environment: dict[str, str], tmp_path: Path
) -> Iterator[Functions]:
    """Functions whose calls to one service of AWS, or to all, are refused and told back."""
    with UnkindAws() as aws:
        refused = {name: aws.url for name in environment if name.startswith(request.param)}
        functions = Functions(build, environment | refused, tmp_path)
        yield functions
        functions.close()
        assert aws.refused
