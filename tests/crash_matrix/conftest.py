"""Till in this process, with both accounts around it, for the whole matrix."""

import logging
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.retries.quota import RetryQuota
from botocore.retries.standard import ExponentialBackoff
from moto import mock_aws
from moto.core.serialize import ResponseSerializer
from stripe import HTTPClient

from payments import wiring
from payments.aws.user_pool import PoolAdministration
from payments.use_cases import erase_deleted_users
from payments.use_cases.end_sessions import end_sessions
from stripe_simulator import server
from stripe_simulator.simulator import Simulator as Account
from tests.crash_matrix.matrix import ORDERS, PROPERTY
from tests.crash_matrix.snapshot import REGION
from tests.crash_matrix.world import ADA, BOB, World
from tests.integration.conftest import SECRET_KEY, SIGNING_SECRETS, forget_clients
from tests.support.aws import Aws
from tests.support.fakes.aws_transport import through_boto3
from tests.support.simulator_client import Simulator


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Bob has a card and a payment; Ada has nothing yet."""
    account = Account()
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        _hurry(patch)
        through_boto3(patch)
        patch.setattr(server, "Simulator", lambda: account)
        patch.setattr(boto3, "DEFAULT_SESSION", None)
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        with server.running_simulator() as running:
            stripe = Simulator(running.url)
            aws = Aws()
            environment = aws.create(SECRET_KEY, SIGNING_SECRETS)
            environment |= {"STRIPE_API_BASE": running.url, "MAX_BODY_BYTES": "262144"}
            patch.setenv("POWERTOOLS_METRICS_DISABLED", "true")
            for name, value in environment.items():
                patch.setenv(name, value)
            forget_clients()
            yield _world(aws, stripe, account)
            forget_clients()
            stripe.close()


def _world(aws: Aws, stripe: Simulator, account: Account) -> World:
    aws.put_product("coffee", eur=1099)
    world = World(aws, stripe, account)
    session = boto3.DEFAULT_SESSION
    assert session, "the clients of the stack have made it"
    world.calls.watch_aws(session)
    world.calls.watch_stripe(wiring.stripe_gateway()._http_client)
    card = world.saved_card(client=world.bob)
    world.bob.create(key="a-key-of-bobs", product_id="coffee", payment_method_id=card)
    world.deliver_all()
    world.reconcile_calmly()  # which notes the account that his payment is in
    return world


def _hurry(patch: pytest.MonkeyPatch) -> None:
    """Remove the waits between tries, and give each process all of its tries."""
    patch.setattr(HTTPClient, "INITIAL_DELAY", 0)
    patch.setattr(HTTPClient, "MAX_DELAY", 0)
    # One call after the other, and few of them.
    # Read once: read again after five minutes, it would be a call more in a single cell.
    patch.setattr("payments.aws.stripe_secret._MAX_AGE_SECONDS", 24 * 3600)
    patch.setattr("functions.reconcile_payments.handler._AT_ONCE", 1)
    patch.setattr("payments.repositories.payments.OPEN_SHARDS", 1)
    patch.setattr(ExponentialBackoff, "delay_amount", lambda *_: 0)
    patch.setattr(RetryQuota, "acquire", lambda *_: True)
    patch.setattr(ResponseSerializer, "get_value", _get_value)
    patch.setattr(end_sessions, "__kwdefaults__", {"wait": lambda _seconds: None})
    patch.setattr(erase_deleted_users, "_PAUSE_SECONDS", 0)
    patch.setattr(PoolAdministration, "lists", _lists)


_really_lists = PoolAdministration.lists


def _lists(pool: PoolAdministration, user_id: str) -> bool:
    """Ada and Bob have tokens and rows, and have never signed up."""
    return user_id in {ADA, BOB} or _really_lists(pool, user_id)


_look_for_value = ResponseSerializer.get_value


def _get_value(self: ResponseSerializer, value: Any, key: str, shape: Any) -> Any:
    """Skip most of moto's search for a value's type, which takes half of all the time."""
    if shape.parent.name == "AttributeValue":
        return value.get(key)
    return _look_for_value(self, value, key, shape)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Do not log thousands of requests."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the matrix's size."""
    walked: list[Any] = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call"
        for name, value in report.user_properties
        if name == PROPERTY
    ]
    if walked:
        terminalreporter.section(f"crash matrix: recoveries in {ORDERS} orders after each cell")
        for name, calls, cells, moments in walked:
            line = f"{calls:4} calls {cells:5} cells {moments:5} moments that differ: {name}"
            terminalreporter.write_line(line)
        terminalreporter.write_line(f"{sum(cells for _, _, cells, _ in walked)} cells in all")
