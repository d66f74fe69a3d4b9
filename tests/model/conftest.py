"""One world for all examples, emptied before each."""

from collections.abc import Iterator

import pytest

from tests.model.orders_world import OrdersWorld
from tests.model.stack import running_stack
from tests.model.world import World

_REGION = "eu-central-1"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Till, AWS, Stripe and all the people."""
    with running_stack(_REGION) as stack, pytest.MonkeyPatch.context() as patch:
        yield World(stack, region=_REGION, patch=patch)


@pytest.fixture(scope="module")
def orders_world() -> Iterator[OrdersWorld]:
    """Another one, with a user pool."""
    with running_stack(_REGION) as stack, pytest.MonkeyPatch.context() as patch:
        yield OrdersWorld(stack, region=_REGION, patch=patch)
