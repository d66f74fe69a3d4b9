"""A stack for experiments: moto's AWS and the Stripe simulator, separate from other tests'.

Moto keeps the tables of each region apart, so a stack in its own region does not disturb the one of
the integration tests.
"""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field

import boto3
import pytest
from moto import mock_aws
from moto.backends import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID
from stripe import HTTPClient

from payments.api import app as http
from stripe_simulator.server import running_simulator
from tests.integration.conftest import SECRET_KEY, SIGNING_SECRETS, forget_clients
from tests.support.aws import Aws
from tests.support.fakes.aws_transport import through_boto3
from tests.support.simulator_client import Simulator


@dataclass(frozen=True)
class Log:
    """The functions' standard output, from which Lambda takes the log."""

    stream: io.StringIO = field(default_factory=io.StringIO)

    def drained(self) -> str:
        """What was written since the last time."""
        text = self.stream.getvalue()
        self.stream.seek(0)
        self.stream.truncate()
        return text

    @contextmanager
    def captured(self) -> Iterator[None]:
        """Capture our logger, the metrics, and the libraries' logs, as Lambda's runtime would."""
        libraries = logging.StreamHandler(self.stream)
        ours = http.logger.registered_handler
        assert isinstance(ours, logging.StreamHandler)
        before = ours.setStream(self.stream)
        logging.getLogger().addHandler(libraries)
        try:
            with redirect_stdout(self.stream):
                yield
        finally:
            logging.getLogger().removeHandler(libraries)
            ours.setStream(before)


@dataclass(frozen=True)
class Stack:
    """AWS, Stripe, and the session from which the functions' clients are made."""

    aws: Aws
    stripe: Simulator
    session: boto3.Session
    log: Log

    def empty(self) -> None:
        """Start over."""
        self.stripe.reset()
        self.aws.empty()
        self.log.drained()


def _forget_earlier_stacks(region: str) -> None:
    """While other tests also use moto, it does not reset between these."""
    for service in ("cognito-idp", "dynamodb", "events", "secretsmanager", "sqs"):
        get_backend(service)[DEFAULT_ACCOUNT_ID][region].reset()


@contextmanager
def running_stack(region: str) -> Iterator[Stack]:
    """A stack in this region, and the functions' environment."""
    with running_simulator() as server, pytest.MonkeyPatch.context() as patch, mock_aws():
        through_boto3(patch)
        patch.setattr(HTTPClient, "INITIAL_DELAY", 0.0005)  # the SDK's wait between its tries
        patch.setattr(HTTPClient, "MAX_DELAY", 0.0005)
        # One call after the other, and few of them.
        patch.setattr("functions.reconcile_payments.handler._AT_ONCE", 1)
        patch.setattr("payments.repositories.payments.OPEN_SHARDS", 1)
        patch.setenv("AWS_DEFAULT_REGION", region)
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        session = boto3.Session()
        patch.setattr(boto3, "DEFAULT_SESSION", session)
        _forget_earlier_stacks(region)
        aws = Aws()
        environment = aws.create(SECRET_KEY, SIGNING_SECRETS) | {
            "STRIPE_API_BASE": server.url,
            # Weeks pass in seconds here. What limits a day has tests of its own.
            "LIMITS": "declines_per_person=0 open_payments_per_person=0 cards_per_person=0",
        }
        for name, value in environment.items():
            patch.setenv(name, value)
        stripe = Simulator(server.url)
        forget_clients()
        yield Stack(aws, stripe, session, Log())
        forget_clients()
        stripe.close()
