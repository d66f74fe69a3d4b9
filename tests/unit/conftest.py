"""Unit tests are about rules: everything outside is a fake, and no socket opens."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from payments.api import app as http
from payments.domain.limits import Limits
from payments.guard import Guard
from payments.recorder import Recorder
from payments.stripe_gateway.gateway import StripeGateway
from tests.support.fakes.repositories import (
    FakeBookmarks,
    FakeCustomers,
    FakeImports,
    FakeLimits,
    FakeOrders,
    FakePaymentInputs,
    FakePayments,
    FakeProducts,
)
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.support.fakes.stripe_transport import CannedStripe, a_gateway
from tests.support.fakes.user_pool import FakeUserPool
from tests.unit.builders import ADA, a_customer
from tests.unit.payer import Payer
from tests.unit.wallet import Wallet


@pytest.fixture(autouse=True)
def _no_network(socket_disabled: None) -> None:
    """A test that would open a socket fails."""


@pytest.fixture(autouse=True)
def _no_libcurl(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that would let libcurl open a socket fails, too."""

    def refuse(_: object) -> None:
        raise AssertionError("a unit test sends nothing")

    monkeypatch.setattr("payments.transport._Connection.perform", refuse)


@pytest.fixture
def stripe() -> FakeStripe:
    """An empty Stripe account, in test mode."""
    return FakeStripe()


@pytest.fixture
def customers() -> FakeCustomers:
    """An empty Customers table."""
    return FakeCustomers()


@pytest.fixture
def imports() -> FakeImports:
    """An empty Imports table."""
    return FakeImports()


@pytest.fixture
def products() -> FakeProducts:
    """An empty Products table."""
    return FakeProducts()


@pytest.fixture
def payments() -> FakePayments:
    """An empty Payments table."""
    return FakePayments()


@pytest.fixture
def inputs(
    customers: FakeCustomers, products: FakeProducts, payments: FakePayments
) -> FakePaymentInputs:
    """One read over the three tables."""
    return FakePaymentInputs(customers=customers, products=products, payments=payments)


@pytest.fixture
def bookmarks() -> FakeBookmarks:
    """A Bookmarks table before the first run."""
    return FakeBookmarks()


@pytest.fixture
def limits(payments: FakePayments) -> FakeLimits:
    """A Limits table before anybody has tried anything."""
    return FakeLimits(payments)


@pytest.fixture
def guard(limits: FakeLimits) -> Guard:
    """The guard, with the limits that are the default."""
    return Guard(Limits(), limits)


@pytest.fixture
def recorder(
    stripe: FakeStripe, payments: FakePayments, customers: FakeCustomers, guard: Guard
) -> Recorder:
    """The recorder of a webhook."""
    return Recorder(
        by="webhook",
        actor="webhook",
        stripe=stripe,
        payments=payments,
        customers=customers,
        orders=FakeOrders(),
        guard=guard,
    )


@pytest.fixture
def user_pool() -> FakeUserPool:
    """A user pool without users."""
    return FakeUserPool()


@pytest.fixture
def payer(
    stripe: FakeStripe, payments: FakePayments, inputs: FakePaymentInputs, recorder: Recorder
) -> Payer:
    """Ada, about to confirm a payment."""
    return Payer(stripe, payments, inputs, replace(recorder, by="confirm"))


@pytest.fixture
def ada_is_a_customer(stripe: FakeStripe, customers: FakeCustomers) -> None:
    """Ada has signed up."""
    stripe.has_customer(ADA)
    customers.rows[ADA.user_id] = a_customer(saved_cards={"pm_card": "of pm_card"})


@pytest.fixture
def wallet(stripe: FakeStripe, customers: FakeCustomers, payments: FakePayments) -> Wallet:
    """Ada, about to save and remove cards."""
    return Wallet(stripe, customers, payments)


@pytest.fixture
def canned() -> CannedStripe:
    """Stripe's end of the connection."""
    return CannedStripe()


@pytest.fixture
def gateway(canned: CannedStripe) -> StripeGateway:
    """The real gateway, with the real SDK, over canned answers."""
    return a_gateway(canned)


@pytest.fixture
def log() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The log so far, line by line."""
    stream = io.StringIO()
    handler = http.logger.registered_handler
    assert hasattr(handler, "setStream")
    before = handler.setStream(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    handler.setStream(before)
