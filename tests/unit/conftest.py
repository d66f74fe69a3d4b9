"""Unit tests are about rules: everything outside is a fake, and no socket opens."""

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from payments.api import app as http
from payments.stripe_gateway.gateway import StripeGateway
from payments.use_cases.stripe_webhook import Records
from tests.support.fakes.repositories import (
    FakeBookmarks,
    FakeCheckouts,
    FakeCustomers,
    FakePayments,
    FakeProducts,
)
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.support.fakes.stripe_transport import CannedStripe, a_gateway
from tests.support.fakes.user_pool import FakeUserPool
from tests.unit.till import Till


@pytest.fixture(autouse=True)
def _no_network(socket_disabled: None) -> None:
    """A test that would open a socket fails."""


@pytest.fixture
def stripe() -> FakeStripe:
    """An empty Stripe account, in test mode."""
    return FakeStripe()


@pytest.fixture
def customers() -> FakeCustomers:
    """An empty Users table."""
    return FakeCustomers()


@pytest.fixture
def products() -> FakeProducts:
    """An empty Products table."""
    return FakeProducts()


@pytest.fixture
def payments() -> FakePayments:
    """An empty Payments table."""
    return FakePayments()


@pytest.fixture
def checkouts(
    customers: FakeCustomers, products: FakeProducts, payments: FakePayments
) -> FakeCheckouts:
    """One read over the three tables."""
    return FakeCheckouts(customers=customers, products=products, payments=payments)


@pytest.fixture
def bookmarks() -> FakeBookmarks:
    """A Bookmarks table as it is before the first run."""
    return FakeBookmarks()


@pytest.fixture
def records(stripe: FakeStripe, payments: FakePayments, customers: FakeCustomers) -> Records:
    """What a webhook's events are recorded in."""
    return Records(by="webhook", stripe=stripe, payments=payments, customers=customers)


@pytest.fixture
def user_pool() -> FakeUserPool:
    """A user pool without users."""
    return FakeUserPool()


@pytest.fixture
def till(stripe: FakeStripe, payments: FakePayments) -> Till:
    """Ada, about to confirm a payment."""
    return Till(stripe, payments)


@pytest.fixture
def canned() -> CannedStripe:
    """Stripe's end of the wire."""
    return CannedStripe()


@pytest.fixture
def gateway(canned: CannedStripe) -> StripeGateway:
    """The real gateway, with the real SDK, over canned answers."""
    return a_gateway(canned)


@pytest.fixture
def log() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What was logged so far, line by line."""
    stream = io.StringIO()
    handler = http.logger.registered_handler
    assert hasattr(handler, "setStream")
    before = handler.setStream(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    handler.setStream(before)
