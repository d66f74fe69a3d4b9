"""Handlers against moto's AWS and the Stripe simulator, over real HTTP."""

from collections.abc import Iterator

import pytest
from moto import mock_aws
from stripe import HTTPClient

from payments import wiring
from stripe_simulator.server import running_simulator
from tests.support.api_client import ApiClient
from tests.support.aws import Aws
from tests.support.fakes.aws_transport import through_boto3
from tests.support.gateway import client_for
from tests.support.simulator_client import Simulator

SECRET_KEY = "sk_test_simulator"
SIGNING_SECRETS = ["whsec_new", "whsec_old"]


def forget_clients() -> None:
    """Let the next invocation make new clients, as a new process would."""
    wiring.stripe_gateway().close()
    for made_once in vars(wiring).values():
        if hasattr(made_once, "cache_clear"):
            made_once.cache_clear()


@pytest.fixture(scope="session")
def running_stripe() -> Iterator[Simulator]:
    """The simulator of this test run."""
    with running_simulator() as server:
        simulator = Simulator(server.url)
        yield simulator
        simulator.close()


@pytest.fixture(scope="module")
def aws(running_stripe: Simulator) -> Iterator[Aws]:
    """The AWS of one module's tests, and the functions' environment."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        through_boto3(patch)
        patch.setattr(HTTPClient, "INITIAL_DELAY", 0.01)  # the SDK's wait between its tries
        patch.setattr(HTTPClient, "MAX_DELAY", 0.01)
        patch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        stack = Aws()
        environment = stack.create(SECRET_KEY, SIGNING_SECRETS) | {
            "STRIPE_API_BASE": running_stripe.url
        }
        for name, value in environment.items():
            patch.setenv(name, value)
        forget_clients()
        yield stack
        wiring.stripe_gateway().close()
        forget_clients()


@pytest.fixture(autouse=True)
def _empty(aws: Aws, running_stripe: Simulator) -> None:
    running_stripe.reset()
    aws.empty()
    aws.put_product("coffee", eur=1099, jpy=1800, kwd=3500)


@pytest.fixture
def stripe(running_stripe: Simulator) -> Simulator:
    """An empty Stripe account."""
    return running_stripe


@pytest.fixture
def ada() -> ApiClient:
    """A person who is logged in."""
    return client_for()


@pytest.fixture
def bob() -> ApiClient:
    """Another one."""
    return client_for()
